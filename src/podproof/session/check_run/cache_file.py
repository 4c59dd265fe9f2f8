"""The file in which a cache has the records of one way of asking: groups of records, by their keys.

A group has the records of segments that stood beside each other in a run: a run in which nothing changed
there takes it as it is. Where something did, each record is there by its own key. The file is only ever
replaced as a whole, so that runs beside each other do not disturb each other. What is damaged, or could have
been written by somebody else, is not used.
"""

import os
import stat
from binascii import crc32
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import BinaryIO

import msgspec

from ...errors import OutputError
from ..spool import Span
from .records import (
    Answer,
    ChunkSummary,
    KnownGroup,
    Record,
    decode,
    encode,
    join_records,
    summarize,
    unpack_parts,
)
from .records import Head as _Head

__all__ = ["KEY_SIZE", "CacheFile"]

KEY_SIZE = 16
"""Bytes of a key."""

_MAGIC = b"podproof records 2\n"
_MOST_BYTES = 128 << 20
"""Bytes of the file of one way of asking: of what no run used lately, the rest is dropped."""
_TRAILER = 16


class _StoredGroup(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where a group is: its keys beside each other, where it begins, and a checksum.

    `lengths` are those of its ChunkSummary and of the four parts of its records, which stand behind it.
    """

    keys: bytes
    begin: int
    lengths: tuple[int, int, int, int, int]
    checksum: int


class CacheFile:
    """The file as it was when it was opened; a run that replaces it meanwhile changes nothing here."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor, groups = _open(path)
        self._groups = {group.keys: group for group in groups}
        self._used: dict[bytes, None] = {}
        self._places: dict[bytes, tuple[_StoredGroup, int]] | None = None
        self._last: tuple[_StoredGroup, list[Record] | None] | None = None

    def __bool__(self) -> bool:
        """Say whether it has anything."""
        return bool(self._groups)

    def find_group(self, keys: Sequence[bytes]) -> KnownGroup | None:
        """Give the group that has just these keys; None: there is none, or it is damaged."""
        group = self._groups.get(b"".join(keys))
        data = None if group is None else self._read_group(group)
        if group is None or data is None:
            return None
        length = group.lengths[0]
        try:
            summary = decode(data[:length], ChunkSummary)
        except (msgspec.DecodeError, ValueError):
            return None
        if not len(summary.files) == len(summary.fixable) == len(keys):
            return None
        self._used[group.keys] = None
        spans: list[Span] = []
        begin = group.begin + length
        for length in group.lengths[1:]:
            spans.append((begin, length))
            begin += length
        return KnownGroup(summary, (spans[0], spans[1], spans[2], spans[3]), self._read_again)

    def get(self, key: bytes) -> Record | None:
        """Give the record that has this key; None: there is none, or it is damaged."""
        if self._places is None:
            self._places = {
                group.keys[at : at + KEY_SIZE]: (group, at // KEY_SIZE)
                for group in self._groups.values()
                for at in range(0, len(group.keys), KEY_SIZE)
            }
        place = self._places.get(key)
        if place is None:
            return None
        group, index = place
        if self._last is None or self._last[0] is not group:
            self._last = group, self._records(group)
        records = self._last[1]
        return None if records is None else records[index]

    def _records(self, group: _StoredGroup) -> list[Record] | None:
        """Give the records of a group one by one; None: it is damaged."""
        data = self._read_group(group)
        if data is None:
            return None
        parts: list[list[bytes]] = []
        at = group.lengths[0]
        try:
            for length in group.lengths[1:]:
                parts.append(unpack_parts(data[at : at + length]))
                at += length
            records: list[Record] = list(zip(*parts, strict=True))
        except (msgspec.DecodeError, ValueError):
            return None
        return records if len(records) * KEY_SIZE == len(group.keys) else None

    def _read_group(self, group: _StoredGroup) -> bytes | None:
        length = sum(group.lengths)
        if min(group.begin, *group.lengths) < 0 or length > _MOST_BYTES:
            return None
        try:
            data = os.pread(self._descriptor, length, group.begin)
        except OSError:
            return None
        return data if len(data) == length and crc32(data) == group.checksum else None

    def _read_again(self, span: Span) -> bytes:
        """Read what was found to be whole; whoever writes into the file itself meanwhile ends this run."""
        begin, length = span
        data = os.pread(self._descriptor, length, begin)
        if len(data) != length:
            raise OutputError(f"{self._path}: somebody cut it while it was read: delete it")
        return data

    def save(self, added: Iterable[tuple[ChunkSummary, Answer]]) -> bool:
        """Write the file anew with what was added; nothing is done where nothing was, or where that fails."""
        groups = iter(added)
        first = next(groups, None)
        if first is None:
            return False
        temporary = f"{self._path}.{os.getpid()}.tmp"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            with open(os.open(temporary, flags, 0o600), "wb") as stream:
                writer = _Writer(stream)
                writer.write(*first)
                for summary, answer in groups:
                    writer.write(summary, answer)
                self._write_others(writer)
                writer.end()
            os.replace(temporary, self._path)
        except OSError:
            # a full disk, or another run with this process' number: the next run may have more luck
            with suppress(OSError):
                os.unlink(temporary)
            return False
        return True

    def _write_others(self, writer: "_Writer") -> None:
        """Write the groups that this run used, then of the others what is not written yet."""
        for keys in dict.fromkeys((*self._used, *self._groups)):
            group = self._groups[keys]
            each = _split_keys(keys)
            left = [index for index, key in enumerate(each) if key not in writer.written]
            if len(left) == len(each):
                data = self._read_group(group)
                if data is not None:
                    writer.add(group, data)
            elif left:
                records = self._records(group)
                if records is not None:
                    kept = [records[index] for index in left]
                    heads = [decode(record[0], _Head) for record in kept]
                    answer = join_records(kept, [each[index] for index in left])
                    writer.write(summarize(heads), answer)


class _Writer:
    """Writes groups, as long as there is room, and at the end where they are."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._table: list[_StoredGroup] = []
        self._begin = stream.write(_MAGIC)
        self.written: set[bytes] = set()

    def write(self, summary: ChunkSummary, answer: Answer) -> None:
        """Write the records of a chunk that have keys, unless they are there."""
        if not all(answer.keys):
            with_keys = [index for index, key in enumerate(answer.keys) if key]
            if not with_keys:
                return
            each = list(zip(*map(unpack_parts, answer[:4]), strict=True))
            records = [each[index] for index in with_keys]
            summary = summarize([decode(record[0], _Head) for record in records])
            answer = join_records(records, [answer.keys[index] for index in with_keys])
        written = encode(summary)
        heads, entries, members, sections = answer[:4]
        lengths = len(written), len(heads), len(entries), len(members), len(sections)
        self.add(_StoredGroup(b"".join(answer.keys), 0, lengths, 0), b"".join((written, *answer[:4])))

    def add(self, group: _StoredGroup, data: bytes) -> None:
        """Write a group as it is, which begins elsewhere here."""
        if self._begin + len(data) > _MOST_BYTES:
            return
        self.written.update(_split_keys(group.keys))
        self._table.append(_StoredGroup(group.keys, self._begin, group.lengths, crc32(data)))
        self._begin += self._stream.write(data)

    def end(self) -> None:
        """Write where the groups are."""
        table = msgspec.msgpack.encode(self._table)
        self._stream.write(table)
        self._stream.write(self._begin.to_bytes(8, "little") + crc32(table).to_bytes(8, "little"))


def _split_keys(keys: bytes) -> list[bytes]:
    return [keys[at : at + KEY_SIZE] for at in range(0, len(keys), KEY_SIZE)]


def _open(path: str) -> tuple[int, list[_StoredGroup]]:
    """Open the file; it has no groups where it is damaged, or others could have written it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return -1, []
    status = os.fstat(descriptor)
    trusted = status.st_uid == os.geteuid() and not status.st_mode & 0o022 and stat.S_ISREG(status.st_mode)
    if not trusted or status.st_size > 2 * _MOST_BYTES:
        return descriptor, []
    end = status.st_size - _TRAILER
    try:
        trailer = os.pread(descriptor, _TRAILER, max(0, end))
        offset, checksum = int.from_bytes(trailer[:8], "little"), int.from_bytes(trailer[8:], "little")
        if os.pread(descriptor, len(_MAGIC), 0) != _MAGIC or not len(_MAGIC) <= offset <= end:
            return descriptor, []
        table = os.pread(descriptor, end - offset, offset)
        if crc32(table) != checksum:
            return descriptor, []
        return descriptor, msgspec.msgpack.decode(table, type=list[_StoredGroup])
    except (OSError, msgspec.DecodeError):
        return descriptor, []
