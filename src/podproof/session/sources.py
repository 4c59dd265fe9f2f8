"""Gives `check` its objects: paths come in, the objects there go out, with the text they were read from.

Files and folders are read in their order, `-` is standard input. This module judges nothing.
"""

import os
import sys
from collections.abc import Iterator, Sequence

from ..inputs import files, objects
from ..inputs.input import InputFile, SkippedInput, UnreadableInput
from ..inputs.kustomization import Kustomizations
from ..inputs.objects import ReadObject

__all__ = ["Input", "collect"]

Input = tuple[ReadObject, bytes]
"""An item, or why there is none, and the bytes of its file (empty when it was not read)."""


def collect(
    paths: Sequence[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    hidden: bool = False,
    kustomize: bool = False,
) -> Iterator[Input]:
    """Read every object under the paths; a file that two paths name is read once.

    `kustomize` builds the folders among them. Raises UsageError: one of them cannot be built at all.
    """
    named = {path for path in paths if not os.path.isdir(path)}
    kustomizations = Kustomizations()
    seen: set[str] = set()
    for path in paths:
        built = kustomize and os.path.isdir(path)
        for file in _built(path) if built else find(path, include, exclude, hidden=hidden):
            if isinstance(file, SkippedInput):
                yield file, b""
                continue
            identity = os.path.realpath(file.file)
            if identity in seen:
                continue
            seen.add(identity)
            if isinstance(file, UnreadableInput):
                yield file, b""
            else:
                part = None if built or file.file in named else kustomizations.part_of(file.file)
                for result in objects.read_part(file, part):
                    yield result, file.data


def _built(folder: str) -> Iterator[InputFile | UnreadableInput]:
    from ..inputs.kustomize import build

    yield build(folder)


def find(
    path: str, include: Sequence[str], exclude: Sequence[str], *, hidden: bool = False
) -> Iterator[InputFile | SkippedInput | UnreadableInput]:
    """Find the files under a path, or read standard input when it is `-`."""
    if path != "-":
        yield from files.find((path,), include=include, exclude=exclude, hidden=hidden)
        return
    from ..inputs import stdin

    if sys.stdin is None:
        yield UnreadableInput(stdin.NAME, 1, 1, "standard input is closed: pipe a manifest in")
    else:
        yield stdin.load(sys.stdin.buffer)
