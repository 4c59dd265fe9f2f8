"""Cuts what there is to check into chunks of segments: files come in, messages for workers go out.

A chunk is worth a few milliseconds of work, so that processors end together and little is under way at once.
Small files are read where they are judged; a big one is read here and cut at its documents.
"""

import marshal
import os
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from ...inputs import files
from ...inputs.input import InputFile, SkippedInput, UnreadableInput
from ...inputs.kustomization import Part
from ...inputs.objects import whole_file_reason
from ...manifest.document import WHOLE, Stretch
from ...manifest.reader import cut_file
from ..sources import FoundFile, Unread

__all__ = ["Chunk", "Task", "make_chunk", "make_chunks", "pack", "unpack"]

_OF_A_FILE = 6_000
"""What a file costs beside its bytes, in bytes: to open it, and to start with each of its objects."""

_CHUNK = 192 * 1024
_FIRST = 32 * 1024
"""The first chunk is small: it is done before there are workers, so that they know what it needed."""

_STRETCH = 128 * 1024


class Task(NamedTuple):
    """One segment: a file to read; or bytes; or, in `listed`, what stands in the place of a file.

    `digest` tells the bytes that it had when it was judged before, `allowance` how much it may take
    of what is accepted.
    """

    file: str
    part: Part | None = None
    data: bytes | None = None
    stretch: Stretch = WHOLE
    listed: tuple[Literal["skipped", "unreadable"], str] | None = None
    digest: tuple[int, int] | None = None
    allowance: dict[str, int] | None = None


class Chunk(NamedTuple):
    """Several segments, packed, and what they cost, in bytes."""

    message: bytes
    cost: int


def make_chunks(found: Iterable[Unread | FoundFile | SkippedInput | UnreadableInput]) -> Iterator[Chunk]:
    """Put what was found into chunks, in its order."""
    chunk: list[Task] = []
    cost = 0
    limit = _FIRST
    for each in found:
        for task, its_cost in _tasks(each):
            chunk.append(task)
            cost += its_cost
            if cost >= limit:
                yield Chunk(pack(chunk), cost)
                chunk, cost, limit = [], 0, _CHUNK
    if chunk:
        yield Chunk(pack(chunk), cost)


def make_chunk(tasks: list[Task]) -> Chunk:
    """Put tasks into one chunk, whose cost does not know how large its files are."""
    return Chunk(pack(tasks), sum(_OF_A_FILE + len(task.data or b"") for task in tasks))


def pack(tasks: list[Task]) -> bytes:
    """Write tasks as bytes for a process of this program."""
    return marshal.dumps(
        [
            (
                task.file,
                task.part,
                task.data,
                None if task.stretch is WHOLE else _plain(task.stretch),
                task.listed,
                task.digest,
                task.allowance,
            )
            for task in tasks
        ]
    )


def unpack(message: bytes) -> list[Task]:
    """Read tasks; the bytes are `pack`'s."""
    return [
        Task(file, part, data, WHOLE if stretch is None else Stretch(*stretch), *rest)
        for file, part, data, stretch, *rest in marshal.loads(message)
    ]


def _plain(stretch: Stretch) -> tuple[int, int, int, tuple[str, ...], tuple[str, ...]]:
    return stretch.documents, stretch.lines, stretch.bytes, stretch.above, stretch.below


def _tasks(found: Unread | FoundFile | SkippedInput | UnreadableInput) -> Iterator[tuple[Task, int]]:
    if isinstance(found, SkippedInput):
        yield Task(found.file, listed=("skipped", found.reason)), 0
        return
    if isinstance(found, UnreadableInput):
        yield Task(found.file, listed=("unreadable", found.message)), 0
        return
    if isinstance(found, Unread):
        size = _size(found.path)
        if size <= _STRETCH:
            yield Task(found.path, found.part), size + _OF_A_FILE
            return
        loaded = files.load(found.path)
        if isinstance(loaded, UnreadableInput):
            yield Task(loaded.file, listed=("unreadable", loaded.message)), 0
            return
        file, part = loaded, found.part
    else:
        file, part = found.file, found.part
    for data, stretch in _cut(file):
        yield Task(file.file, part, data, stretch), len(data) + _OF_A_FILE


def _cut(file: InputFile) -> Iterator[tuple[bytes, Stretch]]:
    if whole_file_reason(file) is not None:
        return iter([(file.data, WHOLE)])
    return cut_file(file.data, _STRETCH)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):  # to be reported where it is read
        return 0
