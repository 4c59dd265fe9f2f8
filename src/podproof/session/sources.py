"""Gives every verb its objects: paths come in, the objects there go out, with the text they were read from.

Files and folders are read in their order, `-` is standard input. This module judges nothing.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import msgspec

from ..inputs import files, objects
from ..inputs.input import InputFile, SkippedInput, UnreadableInput
from ..inputs.kustomization import Kustomizations, Part
from ..inputs.objects import ReadObject
from ..manifest.limits import DEFAULT, Limits

__all__ = ["FoundFile", "Input", "collect", "find"]

Input = tuple[ReadObject, bytes]
"""An item, or why there is none, and the bytes of its file (empty when it was not read)."""


class FoundFile(msgspec.Struct, frozen=True):
    """A file that was read, and the part that a kustomization in its folder gives it."""

    file: InputFile
    part: Part | None = None


def _usual(_path: str) -> Limits:
    return DEFAULT


def collect(
    paths: Sequence[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    hidden: bool = False,
    kustomize: bool = False,
) -> Iterator[Input]:
    """Read every object under the paths; see `find`."""
    for found in find(paths, include=include, exclude=exclude, hidden=hidden, kustomize=kustomize):
        if isinstance(found, FoundFile):
            for result in objects.read_part(found.file, found.part):
                yield result, found.file.data
        else:
            yield found, b""


def find(
    paths: Sequence[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    hidden: bool = False,
    kustomize: bool = False,
    limits: Callable[[str], Limits] = _usual,
) -> Iterator[FoundFile | SkippedInput | UnreadableInput]:
    """Read every file under the paths; one that two paths name is read once.

    `kustomize` builds the folders among the paths. `limits` gives those of what lies under a path. Raises
    UsageError: a folder cannot be built at all.
    """
    folders = {path for path in paths if os.path.isdir(path)}
    named = {path for path in paths if path not in folders}
    kustomizations = Kustomizations()
    seen: set[str] = set()
    for path in paths:
        built = kustomize and path in folders
        unbuilt = () if built else _read(path, include, exclude, hidden=hidden, limits=limits(path))
        for file in chain(_built(path) if built else (), unbuilt):
            if isinstance(file, SkippedInput):
                yield file
                continue
            identity = _identity(file.file)
            if identity in seen:
                continue
            seen.add(identity)
            if isinstance(file, UnreadableInput):
                yield file
            elif built or path == "-":
                yield FoundFile(file)
            else:
                is_named = file.file in named
                yield FoundFile(file, kustomizations.part_of(file.file, is_named=is_named))


def _identity(file: str) -> str:
    try:
        return os.path.realpath(file)
    except ValueError:  # no file has such a name: a null byte, half a surrogate pair
        return file


def _built(folder: str) -> Iterator[InputFile | UnreadableInput]:
    from ..inputs.kustomize import build

    yield build(folder)


def _read(
    path: str, include: Sequence[str], exclude: Sequence[str], *, hidden: bool, limits: Limits
) -> Iterator[InputFile | SkippedInput | UnreadableInput]:
    """Read the files under a path, or standard input when it is `-`."""
    if path != "-":
        yield from files.find((path,), include=include, exclude=exclude, hidden=hidden, limits=limits)
        return
    from ..inputs import stdin

    if sys.stdin is None:
        yield UnreadableInput(stdin.NAME, 1, 1, "standard input is closed: pipe a manifest in")
    else:
        yield stdin.load(sys.stdin.buffer)
