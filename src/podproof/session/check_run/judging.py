"""Judges the segments of a chunk and renders them: tasks come in, records go out. This is a worker's work."""

from binascii import crc32
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

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
        """Judge the tasks of a packed chunk; gives the packed answer."""
        found = [self._find(task) for task in unpack(message)]
        answer = join_records([record for record, _, _ in found])
        made, used = ([key if known is which else b"" for _, key, known in found] for which in (False, True))
        return pack_answer(answer._replace(made=made, used=used))

    def _find(self, task: Task) -> tuple[Record, bytes, bool]:
        """Give the record of a task, its key ("" for none), and whether a cache had it."""
        loaded = _load(task)
        if self.cache is None or not isinstance(loaded, InputFile):
            return self._record(task, loaded), b"", False
        key = self.cache.key(loaded, task.part)
        known = self.cache.get(key)
        return (self._record(task, loaded), key, False) if known is None else (known, key, True)

    def _record(self, task: Task, loaded: InputFile | SkippedInput | UnreadableInput) -> Record:
        items, file = _objects(task, loaded)
        segment = judge_segment(
            items,
            self.judge,
            self.selection,
            data=file.data,
            stretch=file.stretch,
            shared=self.shared,
            allowance=task.allowance,
            replaces=self.report.wants_replacements,
        )
        rendered = self.report.render(segment)
        return make_record(segment, rendered, partial(_digest, file.data), continues=bool(file.stretch.bytes))


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
) -> tuple[Iterator[ReadObject], InputFile]:
    """Give the objects of a task, and its file, which is empty where something stands in its place."""
    if isinstance(loaded, InputFile):
        return read_part(loaded, task.part), loaded
    return iter([loaded]), InputFile(loaded.file, b"")


def _digest(data: bytes) -> tuple[int, int]:
    """Tell bytes from those that somebody may have written since, by accident."""
    return len(data), crc32(data)
