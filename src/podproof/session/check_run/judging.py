"""Judges the segments of a chunk and renders them: tasks come in, records go out. This is a worker's work."""

from binascii import crc32
from collections.abc import Iterator

import msgspec

from ...inputs import files
from ...inputs.input import InputFile, InputObject, SkippedInput, UnreadableInput
from ...inputs.objects import ReadObject, read_part
from ...results.segment import CheckReport
from ..judging.judge import Judge
from ..judging.segment import SharedFacts, judge_segment
from ..judging.selection import Selection
from .records import Record, join_records, make_record, pack_answer
from .tasks import Task, unpack

__all__ = ["ChunkJudge", "read_objects"]

_CHANGED = "it changed while it was being checked: check it again"


class ChunkJudge(msgspec.Struct, frozen=True):
    """What is needed to judge chunks: what was asked, who renders it, and what objects tell each other."""

    judge: Judge
    selection: Selection
    report: CheckReport
    shared: SharedFacts | None = None

    def with_shared(self, shared: SharedFacts) -> "ChunkJudge":
        """Return one that knows what the objects of the whole run tell."""
        return msgspec.structs.replace(self, shared=shared)

    def answer(self, message: bytes) -> bytes:
        """Judge the tasks of a packed chunk; gives the packed answer."""
        return pack_answer(join_records([self.record(task) for task in unpack(message)]))

    def record(self, task: Task) -> Record:
        """Judge one task."""
        items, file = _read(task)
        segment = judge_segment(
            items, self.judge, self.selection, data=file.data, stretch=file.stretch, shared=self.shared
        )
        rendered = self.report.render(segment)
        return make_record(segment, rendered, _digest(file.data), continues=bool(file.stretch.bytes))


def read_objects(task: Task) -> Iterator[object]:
    """Give the values of a task's objects; none where its bytes have changed since they were judged."""
    items, _ = _read(task)
    return (item.value for item in items if isinstance(item, InputObject))


def _read(task: Task) -> tuple[Iterator[ReadObject], InputFile]:
    if task.listed is not None:
        what, words = task.listed
        if what == "skipped":
            return iter([SkippedInput(task.file, None, 1, words)]), InputFile(task.file, b"")
        return _unreadable(UnreadableInput(task.file, 1, 1, words))
    loaded = files.load(task.file) if task.data is None else InputFile(task.file, task.data, task.stretch)
    if isinstance(loaded, UnreadableInput):
        return _unreadable(loaded)
    if task.digest is not None and _digest(loaded.data) != task.digest:
        return _unreadable(UnreadableInput(task.file, 1, 1, _CHANGED))
    return read_part(loaded, task.part), loaded


def _unreadable(item: UnreadableInput) -> tuple[Iterator[ReadObject], InputFile]:
    return iter([item]), InputFile(item.file, b"")


def _digest(data: bytes) -> tuple[int, int]:
    """Tell bytes from those that somebody may have written since, by accident."""
    return len(data), crc32(data)
