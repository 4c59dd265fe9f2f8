"""Judges the segments of a chunk and renders them: tasks come in, records go out. This is a worker's work."""

from binascii import crc32
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from ...inputs import files
from ...inputs.input import InputFile, InputObject, SkippedInput, UnreadableInput
from ...inputs.objects import ReadObject, read_part
from ...results.segment import CheckReport, RenderedSegment, Segment
from ...steps import Steps, finish, in_step
from ..judging.judge import Judge
from ..judging.segment import SharedFacts, segment_steps
from ..judging.selection import Selection
from .records import Record, join_records, make_record, pack_answer
from .tasks import Task, unpack

if TYPE_CHECKING:
    from .cache import Cache

__all__ = ["ChunkJudge", "read_objects"]

_CHANGED = "it changed while it was being checked: check it again"


class ChunkJudge(msgspec.Struct, frozen=True):
    """What is needed to judge chunks: what was asked, who renders it, and what objects tell each other."""

    judge: Judge
    selection: Selection
    report: CheckReport
    shared: SharedFacts | None = None
    cache: "Cache | None" = None

    def without_cache(self) -> "ChunkJudge":
        """Return one that judges everything anew, as by an allowance, and keeps nothing."""
        return msgspec.structs.replace(self, cache=None)

    def with_shared(self, shared: SharedFacts) -> "ChunkJudge":
        """Return one that knows what the objects of the whole run tell, which is in no cache."""
        return msgspec.structs.replace(self, shared=shared, cache=None)

    def answer(self, message: bytes) -> bytes:
        """Judge the tasks of a packed chunk; gives the packed answer.

        Each step is done for all of them before the next, so that its code stays in the processor's caches.
        """
        loaded = [(task, _load(task)) for task in unpack(message)]
        keys = [] if self.cache is None else [self._key(*each) for each in loaded]
        known = [self.cache.file.get(key) for key in keys] if self.cache else [None] * len(loaded)
        begun = [
            _Begun(task, *_objects(task, file))
            for (task, file), record in zip(loaded, known, strict=True)
            if record is None
        ]
        segments = finish(in_step([self._judge(each) for each in begun]))
        made = map(_record, begun, segments, list(map(self.report.render, segments)))
        records = [record or next(made) for record in known]
        return pack_answer(join_records(records, keys))

    def _key(self, task: Task, loaded: InputFile | SkippedInput | UnreadableInput) -> bytes:
        """Give the key of a task; b"": what was to be read could not be, which may be otherwise next time."""
        if self.cache is None:
            return b""
        if isinstance(loaded, InputFile):
            return self.cache.key(loaded, task.part)
        return b"" if task.listed is None else self.cache.key_of(task)

    def _judge(self, begun: "_Begun") -> Steps[Segment]:
        file = begun.file
        return segment_steps(
            begun.items,
            self.judge,
            self.selection,
            data=file.data,
            stretch=file.stretch,
            shared=self.shared,
            allowance=begun.task.allowance,
            replaces=self.report.wants_replacements,
            broken=begun.task.broken,
        )


class _Begun(msgspec.Struct, frozen=True):
    """A task whose objects are read."""

    task: Task
    items: tuple[ReadObject, ...]
    file: InputFile


def _record(begun: _Begun, segment: Segment, rendered: RenderedSegment) -> Record:
    data, stretch = begun.file.data, begun.file.stretch
    return make_record(segment, rendered, partial(_digest, data), continues=bool(stretch.bytes))


def read_objects(task: Task) -> Iterator[object]:
    """Give the values of a task's objects; none where its bytes have changed since they were judged."""
    items, _ = _objects(task, _load(task))
    return (item.value for item in items if isinstance(item, InputObject))


def _load(task: Task) -> InputFile | SkippedInput | UnreadableInput:
    if task.listed is not None:
        what, words = task.listed
        if what == "skipped":
            return SkippedInput(task.file, None, 1, words)
        return UnreadableInput(task.file, 1, 1, words)
    if task.data is not None:
        return InputFile(task.file, task.data, task.stretch)
    loaded = files.load(task.file)
    if isinstance(loaded, InputFile) and task.digest is not None and _digest(loaded.data) != task.digest:
        return UnreadableInput(task.file, 1, 1, _CHANGED)
    return loaded


def _objects(
    task: Task, loaded: InputFile | SkippedInput | UnreadableInput
) -> tuple[tuple[ReadObject, ...], InputFile]:
    """Give the objects of a task, and its file, which is empty where something stands in its place."""
    if isinstance(loaded, InputFile):
        return tuple(read_part(loaded, task.part)), loaded
    return (loaded,), InputFile(loaded.file, b"")


def _digest(data: bytes) -> tuple[int, int]:
    """Tell bytes from those that somebody may have written since, by accident."""
    return len(data), crc32(data)
