"""How long it takes until old manifests have a baseline: processor time, and what the file weighs.

The projects are those of the folder `shared` beside the checkout.
"""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench._corpus import CORPUS, unpacked_corpus

__all__ = ["run"]

_FILE = "podproof-baseline.jsonl"


def run() -> Iterator[str]:
    """Measure the baseline of all projects, and a check with it, in one process each."""
    with unpacked_corpus() as folder:
        if folder is None:
            yield f"{CORPUS} is not here"
            return
        writing, said = _podproof(folder, "baseline", "write", ".", "--jobs", "1")
        checking, _ = _podproof(folder, "check", ".", "--baseline", _FILE, "--jobs", "1", "-q")
        size = (Path(folder) / _FILE).stat().st_size
    yield f"baseline write: {writing:.1f} s of processor time; {said.partition(': ')[2].splitlines()[0]}"
    yield f"check with it: {checking:.1f} s; the file has {size:,} bytes"


def _podproof(folder: str, *arguments: str) -> tuple[float, str]:
    """Give the processor time of a command, and what it wrote."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "podproof", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, done.stdout or done.stderr
