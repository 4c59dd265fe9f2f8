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
from ...manifest.file_text import WHOLE, Stretch
from ...manifest.reader import cut_file
from ..sources import FoundFile, Unread

__all__ = [
    "BIG",
    "Chunk",
    "Found",
    "Task",
    "cost_of",
    "make_chunk",
    "make_chunks",
    "pack",
    "tasks_of",
    "unpack",
]

_OF_A_FILE = 6_000
"""What a file costs beside its bytes, in bytes: to open it, and to judge what is in it. A document of a big
file costs as much."""

_CHUNK = 192 * 1024
_FIRST = 32 * 1024
"""The first chunk is small: it is done before there are workers, so that they know what it needed."""

BIG = 128 * 1024
"""A file with more bytes is cut."""

_STRETCH = 32 * 1024
"""Bytes of a stretch: some thirty documents. What is judged at once leaves its memory to what comes next;
more of it would be given back to the system and fetched again."""


class Task(NamedTuple):
    """One segment: a file to read; or bytes; or, in `listed`, what stands in the place of a file.

    `digest` tells the bytes that it had when it was judged before, `allowance` how much it may take
    of what is accepted, `broken` is the share of BrokenDocuments.
    """

    file: str
    part: Part | None = None
    data: bytes | None = None
    stretch: Stretch = WHOLE
    listed: tuple[Literal["skipped", "unreadable"], str] | None = None
    digest: tuple[int, int] | None = None
    allowance: dict[str, int] | None = None
    broken: tuple[int, int] | None = None


class Chunk(NamedTuple):
    """Several segments, the chunk's number in its run, and what they cost, in bytes."""

    number: int
    tasks: list[Task]
    cost: int


Found = Unread | FoundFile | SkippedInput | UnreadableInput
"""What there is to check, or why it is not checked."""


def make_chunks(found: Iterable[Found]) -> Iterator[Chunk]:
    """Put what was found into chunks, in its order."""
    number = cost = 0
    tasks: list[Task] = []
    limit = _FIRST
    for each in found:
        for task, its_cost in tasks_of(each):
            tasks.append(task)
            cost += its_cost
            if cost >= limit:
                yield Chunk(number, tasks, cost)
                number += 1
                tasks, cost, limit = [], 0, _CHUNK
    if tasks:
        yield Chunk(number, tasks, cost)


def make_chunk(number: int, tasks: list[Task]) -> Chunk:
    """Put tasks into one chunk, whose cost does not know how large its files are."""
    return Chunk(number, tasks, sum(cost_of(len(task.data or b"")) for task in tasks))


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
                task.broken,
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


def tasks_of(found: Found, file: InputFile | UnreadableInput | None = None) -> Iterable[tuple[Task, int]]:
    """Give the tasks of what was found, and what each costs; `file` is there if it is read already."""
    if isinstance(found, Unread):
        path, part = found.path, found.part
        if file is None and (size := _size(path)) <= BIG:
            return ((Task(path, part), cost_of(size)),)
        file = files.load(path) if file is None else file
        if isinstance(file, UnreadableInput):
            return ((Task(path, listed=("unreadable", file.message)), 0),)
        return _stretches(file, part)
    if isinstance(found, FoundFile):
        return _stretches(found.file, found.part)
    if isinstance(found, SkippedInput):
        return ((Task(found.file, listed=("skipped", found.reason)), 0),)
    return ((Task(found.file, listed=("unreadable", found.message)), 0),)


def cost_of(size: int, documents: int = 1) -> int:
    """Say what so many bytes cost: a file, or a stretch of so many documents."""
    return size + documents * _OF_A_FILE


def _stretches(file: InputFile, part: Part | None) -> Iterator[tuple[Task, int]]:
    """Cut a file that is read; whoever reads a stretch need not read the file."""
    for data, stretch in _cut(file):
        documents = 1 if data is file.data else max(1, data.count(b"\n---"))
        yield Task(file.file, part, data, stretch), cost_of(len(data), documents)


def _cut(file: InputFile) -> Iterator[tuple[bytes, Stretch]]:
    if len(file.data) <= BIG or whole_file_reason(file) is not None:
        return iter([(file.data, WHOLE)])
    return cut_file(file.data, _STRETCH)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):  # to be reported where it is read
        return 0
