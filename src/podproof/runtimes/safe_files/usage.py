"""Counts what a tree takes of its disk, a piece at a time, for it may grow faster than one counts."""

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from .descriptors import open_folder
from .tree import Budget, walk

__all__ = ["UsageCount"]

_MOST_FILES = 10_000_000

_MOST_OPEN = 2
"""Folders on the way that a count keeps open between two calls: each of a hundred pods may have one."""


class UsageCount:
    """Counts one folder again and again; `advance` goes on where the last call stopped.

    Source: kubernetes pkg/volume/util/fs, DiskUsage: blocks of 512 bytes, a file with several names once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._total = 0
        self._steps: Iterator[int] | None = None

    def advance(self, seconds: float) -> int:
        """Count for some seconds; gives the bytes counted so far in this round, a round's total at its end.

        Raises BudgetSpent: there are more files than anybody counts. Raises OSError: it cannot be opened.
        """
        if self._steps is None:
            self._total, self._steps = 0, _sizes(self._folder)
        end = time.monotonic() + seconds
        for number, size in enumerate(self._steps, 1):
            self._total += size
            if not number % 64 and time.monotonic() > end:
                return self._total
        self._steps = None
        return self._total

    @property
    def counting(self) -> bool:
        """Whether it is in the middle of a round, with folders open."""
        return self._steps is not None

    def close(self) -> None:
        """Let go of the folders that are open in the middle of a round."""
        self._steps = None


def _sizes(folder: Path) -> Iterator[int]:
    root = open_folder(folder)
    seen: set[int] = set()
    try:
        for entry in walk(root, Budget(_MOST_FILES, float("inf")), _MOST_OPEN):
            status = entry.status
            if status.st_nlink > 1 and not stat.S_ISDIR(status.st_mode):
                if status.st_ino in seen:
                    continue
                seen.add(status.st_ino)
            yield status.st_blocks * 512
    finally:
        os.close(root)
