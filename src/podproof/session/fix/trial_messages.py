"""Reads from what a container printed which paths it was refused: lines come in, refusals go out.

Programs word it in many ways; what they share is the kernel's own text, or the name of the error.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

__all__ = ["RefusedPath", "refusals_in"]

_ERRORS: tuple[tuple[Literal["EROFS", "EACCES", "EPERM"], re.Pattern[str]], ...] = (
    ("EROFS", re.compile(r"read-only file system|\bEROFS\b", re.IGNORECASE)),
    ("EACCES", re.compile(r"permission denied|\bEACCES\b", re.IGNORECASE)),
    ("EPERM", re.compile(r"operation not permitted|\bEPERM\b", re.IGNORECASE)),
)
"""Source: errno(3), and the texts of strerror(3) in the C locale."""

_PATH = re.compile(r"(?:(?<=[\s'\"`(=:])|^)/[^\s'\"`():,;]+")
_LONGEST = 2000


class RefusedPath(msgspec.Struct, frozen=True):
    """An error of the kernel that a program told of. `path` "": it named none."""

    error: Literal["EROFS", "EACCES", "EPERM"]
    path: str = ""


def refusals_in(lines: Iterable[str]) -> tuple[RefusedPath, ...]:
    """Find the refusals in lines, each once, in their order."""
    return tuple(dict.fromkeys(_refusals(lines)))


def _refusals(lines: Iterable[str]) -> Iterator[RefusedPath]:
    for line in lines:
        line = line[:_LONGEST]
        for error, pattern in _ERRORS:
            match = pattern.search(line)
            if match is not None:
                before = [found[0] for found in _PATH.finditer(line, 0, match.start())]
                after = [found[0] for found in _PATH.finditer(line, match.end())]
                path = before[-1] if before else after[0] if after else ""
                yield RefusedPath(error, path.rstrip("/"))
