"""How long what `check` prints is: lines and characters for each project, in full and as text.

The projects are those of the folder `shared` beside the checkout. Text is written for a pipe, 160 columns
wide; `per workload` are its lines for each workload that has an error or a warning.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench._corpus import CORPUS, unpacked_corpus

__all__ = ["run"]


def run() -> Iterator[str]:
    """Measure every project, and all of them in one run."""
    with unpacked_corpus() as folder:
        if folder is None:
            yield f"{CORPUS} is not here"
            return
        for project in sorted(path.name for path in Path(folder).iterdir()):
            yield _line(folder, project)
        yield _line(folder, ".")


def _line(folder: str, project: str) -> str:
    full, text = (_output(folder, project, name) for name in ("full", "text"))
    found = json.loads(_output(folder, project, "json"))
    concerned = {
        (finding["file"], json.dumps(finding["object"]))
        for finding in found["findings"]
        if finding["severity"] != "note"
    }
    lines = len(text.splitlines())
    each = f"{lines / len(concerned):.1f} per workload" if concerned else "no workload with findings"
    return (
        f"{project}: {len(full.splitlines()):,} lines, {len(full):,} characters in full; "
        f"{lines:,} lines, {len(text):,} characters as text; {each}"
    )


def _output(folder: str, project: str, name: str) -> str:
    command = [sys.executable, "-m", "podproof", "check", project, "--format", name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
