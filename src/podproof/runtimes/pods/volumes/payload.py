"""Writes files as the kubelet does: into a dated folder, with links from the names that a container sees.

Source: kubernetes pkg/volume/util/atomic_writer.go.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from .problem import VolumeProblem

__all__ = ["PayloadFile", "write_payload"]


class PayloadFile(msgspec.Struct, frozen=True):
    """A file's content and permission bits; `uid` owns it (None: root)."""

    data: bytes
    mode: int
    uid: int | None = None


def write_payload(folder: Path, files: Mapping[str, PayloadFile], now: float) -> None:
    """Write the files under their relative paths. Raises VolumeProblem: a path would leave the folder."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("..%Y_%m_%d_%H_%M_%S.")
    dated = folder / f"{stamp}{int(now % 1 * 1_000_000_000):09d}"
    dated.mkdir(mode=0o755)
    dated.chmod(0o755)
    for path, file in files.items():
        _verify(path)
        target = dated / path
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        # the mode is set in any case: the process's umask must not matter
        fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(fd, "wb") as stream:
            stream.write(file.data)
            os.fchmod(fd, file.mode & 0o777)
            if file.uid is not None:
                os.fchown(fd, file.uid, -1)
    (folder / "..data").symlink_to(dated.name)
    for name in dict.fromkeys(path.split("/")[0] for path in files):
        (folder / name).symlink_to(f"..data/{name}")


def _verify(path: str) -> None:
    parts = path.split("/")
    if not path or path.startswith("/") or ".." in parts or parts[0].startswith(".."):
        raise VolumeProblem(f"invalid path: {path}")
