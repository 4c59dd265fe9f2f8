"""Reads the sources of a published Go module, whatever Go is at hand: a name and a version come in."""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["GoModule"]


class GoModule:
    """The files of one version of a module, as they are in its archive."""

    def __init__(self, name: str, version: str) -> None:
        """Fetch the archive when needed; ends with 3 when it cannot be had.

        Go refuses to unpack a module that wants a newer Go, but has fetched it then.
        """
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "go.mod").write_text("module sources\n")
            command = ["go", "mod", "download", "-json", f"{name}@{version}"]
            done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        archive = json.loads(done.stdout or "{}").get("Zip")
        if archive is None:
            print(f"{name} {version} cannot be fetched", file=sys.stderr)
            sys.exit(3)
        self._archive = zipfile.ZipFile(archive)
        self._root = f"{name}@{version}/"
        self.files = {
            entry.filename.removeprefix(self._root): entry.CRC for entry in self._archive.infolist()
        }
        """By path, a checksum of what stands there."""

    def read(self, path: str) -> str:
        """Return the text of a file; a file that is not there is empty."""
        return self._archive.read(self._root + path).decode() if path in self.files else ""

    def sources(self, folder: str) -> Iterator[str]:
        """Give the paths of a package's Go files without its tests."""
        for path in self.files:
            if path.rpartition("/")[0] == folder and path.endswith(".go") and not path.endswith("_test.go"):
                yield path
