"""Gives `check` its objects: paths come in, the objects there go out, with the text they were read from.

Files and folders are read in their order, `-` is standard input. This module judges nothing.
"""

import os
import sys
from collections.abc import Iterator, Sequence

from ..inputs import files, objects
from ..inputs.input import InputFile, SkippedInput, UnreadableInput
from ..inputs.objects import PATCH, ReadObject

__all__ = ["Input", "collect"]

Input = tuple[ReadObject, bytes]
"""An item, or why there is none, and the bytes of its file (empty when it was not read)."""


def collect(
    paths: Sequence[str], *, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Iterator[Input]:
    """Read every object under the paths; a file that two paths name is read once."""
    named = {path for path in paths if not os.path.isdir(path)}
    patches: dict[str, frozenset[str]] = {}
    seen: set[str] = set()
    for path in paths:
        for file in find(path, include, exclude):
            if isinstance(file, SkippedInput):
                yield file, b""
                continue
            identity = os.path.realpath(file.file)
            if identity in seen:
                continue
            seen.add(identity)
            if isinstance(file, UnreadableInput):
                yield file, b""
            elif file.file not in named and objects.is_patch(file.file, patches):
                yield SkippedInput(file.file, None, 1, PATCH), b""
            else:
                for result in objects.read_file(file):
                    yield result, file.data


def find(
    path: str, include: Sequence[str], exclude: Sequence[str]
) -> Iterator[InputFile | SkippedInput | UnreadableInput]:
    """Find the files under a path, or read standard input when it is `-`."""
    if path != "-":
        yield from files.find((path,), include=include, exclude=exclude)
        return
    from ..inputs import stdin

    if sys.stdin is None:
        yield UnreadableInput(stdin.NAME, 1, 1, "standard input is closed: pipe a manifest in")
    else:
        yield stdin.load(sys.stdin.buffer)
