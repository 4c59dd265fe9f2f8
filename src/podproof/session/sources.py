"""Gives every verb its objects: paths come in, the objects there go out, with the text they were read from.

Files and folders are read in their order, `-` is standard input. This module judges nothing.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence

import msgspec

from ..inputs import files, objects
from ..inputs.input import InputFile, SkippedInput, UnreadableInput
from ..inputs.kustomization import Kustomizations, Part
from ..inputs.objects import ReadObject
from ..manifest.limits import DEFAULT, Limits

__all__ = ["FoundFile", "Input", "Unread", "collect", "find", "find_unread"]

Input = tuple[ReadObject, bytes]
"""An item, or why there is none, and the bytes of its file (empty when it was not read)."""


class FoundFile(msgspec.Struct, frozen=True):
    """A file that was read, and the part that a kustomization in its folder gives it."""

    file: InputFile
    part: Part | None = None


class Unread(msgspec.Struct, frozen=True):
    """A file that is to be read, and the part that a kustomization in its folder gives it."""

    path: str
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
    """Read every file under the paths; see `find_unread`. `limits` gives those of what lies under a path."""
    for path, found in _find(paths, include=include, exclude=exclude, hidden=hidden, kustomize=kustomize):
        if isinstance(found, Unread):
            file = files.load(found.path, limits(path))
            yield FoundFile(file, found.part) if isinstance(file, InputFile) else file
        else:
            yield found


def find_unread(
    paths: Sequence[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    hidden: bool = False,
    kustomize: bool = False,
) -> Iterator[Unread | FoundFile | SkippedInput | UnreadableInput]:
    """Give every file under the paths, unread where it has a path; one that two paths name is given once.

    `kustomize` builds the folders among the paths. Raises UsageError: a folder cannot be built at all.
    """
    for _, found in _find(paths, include=include, exclude=exclude, hidden=hidden, kustomize=kustomize):
        yield found


def _find(
    paths: Sequence[str], *, include: Sequence[str], exclude: Sequence[str], hidden: bool, kustomize: bool
) -> Iterator[tuple[str, Unread | FoundFile | SkippedInput | UnreadableInput]]:
    """Give each file with the path of the command line under which it was found."""
    folders = {path for path in paths if os.path.isdir(path)}
    named = {files.plain_path(path) for path in paths if path not in folders}
    kustomizations = Kustomizations()
    identities = _Identities()
    for path in paths:
        if path == "-" or (kustomize and path in folders):
            for file in _read_stdin() if path == "-" else _built(path):
                if identities.is_new(file.file):
                    yield path, FoundFile(file) if isinstance(file, InputFile) else file
            continue
        for found in files.find_paths((path,), include=include, exclude=exclude, hidden=hidden):
            if isinstance(found, files.FoundPath):
                name = found.path
                if identities.is_new(name, found.real):
                    yield path, Unread(name, kustomizations.part_of(name, is_named=name in named))
            elif isinstance(found, SkippedInput) or identities.is_new(found.file):
                yield path, found


class _Identities:
    """Tells files by what links lead to, so that none is read twice."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._real_folders: dict[str, str] = {}

    def is_new(self, file: str, real: str | None = None) -> bool:
        """Say whether the file was not there before; `real` is its path without links, if that is known."""
        identity = self._real(file) if real is None else real
        if identity in self._seen:
            return False
        self._seen.add(identity)
        return True

    def _real(self, file: str) -> str:
        folder, name = os.path.split(file)
        try:
            if os.path.islink(file) or name in ("", ".", ".."):
                return os.path.realpath(file)
            real = self._real_folders.get(folder)
            if real is None:
                real = self._real_folders[folder] = os.path.join(os.path.realpath(folder), "")
            return real + name
        except ValueError:  # no file has such a name: a null byte, half a surrogate pair
            return file


def _built(folder: str) -> Iterator[InputFile | UnreadableInput]:
    from ..inputs.kustomize import build

    yield build(folder)


def _read_stdin() -> Iterator[InputFile | UnreadableInput]:
    from ..inputs import stdin

    if sys.stdin is None:
        yield UnreadableInput(stdin.NAME, 1, 1, "standard input is closed: pipe a manifest in")
    else:
        yield stdin.load(sys.stdin.buffer)
