"""What is kept of a judged segment, as bytes: made where the segment is judged, read where all are known.

A record has four parts that are read apart from each other: what the sum needs, entries, members, sections.
The parts of all segments of a chunk stand beside each other as one list, which is read at once.
"""

import marshal
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from ...results.fingerprint import ObjectIdentity
from ...results.segment import Counts, RenderedSegment, Segment, Sources, sum_of
from ..spool import Span

__all__ = [
    "Answer",
    "ChunkSummary",
    "Head",
    "KnownGroup",
    "Record",
    "decode",
    "encode",
    "join_records",
    "make_record",
    "pack_answer",
    "summarize",
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
    is what could not be read; `wanted`, `seen` and `broken` are those of the Segment. `sections` are the
    names of those that were rendered.
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
    sections: tuple[str, ...] = ()
    broken: int = 0


_Digest = tuple[int, int]


class ChunkSummary(msgspec.Struct, frozen=True, array_like=True):
    """What a run needs at once of the segments of a chunk; the Heads say more.

    `files` has a number for each segment: 1 where a file begins, and 2 more where there are documents;
    `fixable` counts the errors in each that have a fix, and is -1 where something could not be read.
    `users` are the UIDs of all members, `pods` counts those with members in each segment. `sources` and
    `wanted` stand behind the number of their segment, and before the digest of its bytes. `broken` counts the
    documents in each that could not be read; it is empty where all could.
    """

    counts: Counts
    files: bytes
    fixable: tuple[int, ...]
    lost: bool
    users: tuple[int, ...]
    pods: tuple[int, ...]
    sections: tuple[str, ...]
    sources: tuple[tuple[int, Sources, _Digest], ...]
    wanted: tuple[tuple[int, dict[str, int], _Digest], ...]
    seen: tuple[ObjectIdentity, ...]
    broken: tuple[int, ...]


Record = tuple[bytes, bytes, bytes, bytes]
"""Its four parts: its Head, its RenderedFindings, its KeptMembers, and texts by the name of a section."""


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
        tuple(rendered.sections),
        segment.broken,
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


_NO_SOURCES = Sources()


def summarize(heads: Sequence[Head]) -> ChunkSummary:
    """Say what a run needs at once of segments that have these heads."""
    users = tuple([user for head in heads for user in head.users])
    return ChunkSummary(
        sum_of([head.counts for head in heads]),
        bytes([(not head.continues) + 2 * bool(head.counts.documents) for head in heads]),
        tuple([-1 if head.lost else head.counts.fixable for head in heads]),
        any(head.lost for head in heads),
        users,
        tuple([head.pods for head in heads]) if users else (),
        tuple(dict.fromkeys([name for head in heads for name in head.sections])),
        tuple(
            [
                (index, head.sources, head.digest)
                for index, head in enumerate(heads)
                if head.sources != _NO_SOURCES
            ]
        ),
        tuple([(index, head.wanted, head.digest) for index, head in enumerate(heads) if head.wanted]),
        tuple([identity for head in heads for identity in head.seen]),
        tuple([head.broken for head in heads]) if any(head.broken for head in heads) else (),
    )


class KnownGroup(NamedTuple):
    """What a cache has of a chunk: where the four parts of its records are, and what reads them there."""

    summary: ChunkSummary
    parts: tuple[Span, Span, Span, Span]
    read: Callable[[Span], bytes]


class Answer(NamedTuple):
    """The records of a chunk: each part of all of them, a list for `unpack_parts`, or for `decode`.

    `keys` are those by which a cache keeps the records, for each segment; b"": it does not. There are none
    where there is no cache.
    """

    heads: bytes
    entries: bytes
    members: bytes
    sections: bytes
    keys: Sequence[bytes] = ()


def join_records(records: Sequence[Record], keys: Sequence[bytes] = ()) -> Answer:
    """Put the records of a chunk together, each part of all of them beside each other."""
    heads, entries, members, sections = (_join([record[part] for record in records]) for part in range(4))
    return Answer(heads, entries, members, sections, keys)


def _join(parts: list[bytes]) -> bytes:
    """Write a list of what was written: MessagePack has the length of a list before its items."""
    if any(part[:1] == _ESCAPED for part in parts):
        import json

        values = [decode(part, Any) for part in parts]
        return _ESCAPED + json.dumps(values).encode()
    return b"".join((_LIST, len(parts).to_bytes(4, "big"), *parts))


_LIST = b"\xdd"
"""Begins a list of up to 2³² items, whose number follows. Source: MessagePack's specification, array 32."""


def pack_answer(answer: Answer) -> bytes:
    """Write an answer as bytes for a process of this program."""
    return marshal.dumps((*answer[:4], list(answer.keys)))


def unpack_answer(data: bytes) -> Answer:
    """Read an answer; the bytes are `pack_answer`'s."""
    return Answer(*marshal.loads(data))


def unpack_parts(data: bytes) -> list[bytes]:
    """Read one part of all records of a chunk, each as it was. Raises msgspec.DecodeError: it is none."""
    if data[:1] != _ESCAPED:
        return [bytes(part) for part in decode(data, list[msgspec.Raw])]
    return [encode(part) for part in decode(data, list[Any])]
