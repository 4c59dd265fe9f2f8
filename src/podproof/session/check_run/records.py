"""What is kept of a judged segment, as bytes: made where the segment is judged, read where all are known.

A record has four parts that are read apart from each other: what the sum needs, entries, members, sections.
"""

import marshal
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from ...results.fingerprint import ObjectIdentity
from ...results.segment import Counts, RenderedSegment, Segment, Sources

__all__ = [
    "Answer",
    "Head",
    "Known",
    "Record",
    "decode",
    "encode",
    "join_records",
    "make_record",
    "pack_answer",
    "unpack_answer",
    "unpack_parts",
]

_T = TypeVar("_T")

_ESCAPED = b"\xc1"
"""Begins what MessagePack cannot write, since no MessagePack begins so."""


class Head(msgspec.Struct, frozen=True, array_like=True):
    """What the sum of a run needs of a segment.

    `continues`: the segment before is of the same file. `pods` are those that have members, `users` the
    members' UIDs. `digest` tells the segment's bytes from others where `sources` depends on anything. `lost`
    is what could not be read, `wanted` and `seen` are those of the Segment.
    """

    counts: Counts
    continues: bool = False
    sources: Sources = Sources()
    pods: int = 0
    users: tuple[int, ...] = ()
    lost: tuple[tuple[str, int, str], ...] = ()
    digest: tuple[int, int] = (0, 0)
    wanted: dict[str, int] = {}
    seen: list[ObjectIdentity] = []


Record = tuple[bytes, bytes, bytes, bytes]
"""Its four parts: its Head, its RenderedFindings, its KeptMembers, and texts by the name of a section."""


class Known(NamedTuple):
    """What a cache has of a segment, and by which key."""

    key: bytes
    record: Record


def make_record(
    segment: Segment, rendered: RenderedSegment, digest: Callable[[], tuple[int, int]], *, continues: bool
) -> Record:
    """Write a record; `digest` tells the segment's bytes from others."""
    members = segment.members
    head = Head(
        segment.counts,
        continues,
        segment.sources,
        max([kept.member.pod for kept in members], default=0),
        tuple([kept.member.user.uid for kept in members]),
        tuple(segment.lost),
        digest() if segment.sources or segment.wanted else (0, 0),
        segment.wanted,
        segment.seen,
    )
    return encode(head), encode(rendered.entries), encode(members), encode(rendered.sections)


def encode(value: Any) -> bytes:
    """Write a part of a record."""
    try:
        return msgspec.msgpack.encode(value)
    except UnicodeEncodeError:
        # half a surrogate pair, which JSON can write
        import json

        return _ESCAPED + json.dumps(msgspec.to_builtins(value)).encode()


def decode(part: bytes, type_: type[_T]) -> _T:
    """Read a part of a record. Raises msgspec.DecodeError: it is none."""
    if part[:1] != _ESCAPED:
        value: _T = (_DECODERS.get(type_) or _decoder(type_)).decode(part)
        return value
    import json

    return msgspec.convert(json.loads(part[len(_ESCAPED) :]), type_, str_keys=True)


def _decoder(type_: Any) -> msgspec.msgpack.Decoder[Any]:
    return _DECODERS.setdefault(type_, msgspec.msgpack.Decoder(type_))


_DECODERS: dict[Any, msgspec.msgpack.Decoder[Any]] = {}


class Answer(NamedTuple):
    """The records of a chunk: the heads as a list, each of the other parts as bytes for `unpack_parts`.

    `made` and `used` are the keys by which a cache may have the records, for each segment; b"": it has none,
    as where there is no cache.
    """

    heads: list[bytes]
    entries: bytes
    members: bytes
    sections: bytes
    made: Sequence[bytes] = ()
    used: Sequence[bytes] = ()


def join_records(records: Sequence[Record]) -> Answer:
    """Put the records of a chunk together, each part of all of them beside each other."""
    heads, *parts = ([record[part] for record in records] for part in range(4))
    entries, members, sections = (marshal.dumps(part) for part in parts)
    return Answer(heads, entries, members, sections)


def pack_answer(answer: Answer) -> bytes:
    """Write an answer as bytes for a process of this program."""
    return marshal.dumps((*answer[:4], list(answer.made), list(answer.used)))


def unpack_answer(data: bytes) -> Answer:
    """Read an answer; the bytes are `pack_answer`'s."""
    return Answer(*marshal.loads(data))


def unpack_parts(data: bytes) -> list[bytes]:
    """Read one part of all records of a chunk."""
    parts: list[bytes] = marshal.loads(data)
    return parts
