"""Keeps the records of a run until it is whole: answers come in, in any order, and are read in theirs.

Of each chunk, counts and a few facts stay in memory; what was rendered is in the spool.
"""

import marshal
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import partial
from itertools import groupby

import msgspec

from ...results.accepted import Accepted, AcceptedFinding
from ...results.fingerprint import ObjectIdentity
from ...results.segment import CheckReport, Counts, KeptMember, RenderedFinding, Sources, sum_of
from ..judging.across import find_across
from ..judging.selection import Selection
from .records import Answer, Head, Record, decode, encode, join_records, unpack_parts
from .spool import Span, Spool
from .tasks import Task, pack, unpack

__all__ = ["Gone", "Kept", "Place"]

_NO_SOURCES = Sources()

Place = tuple[int, int]
"""A segment: the number of its chunk, and its own in that."""


class _KeptChunk(msgspec.Struct):
    """What is known of a chunk. `tasks` None: nobody needs them again. `across` None: there is nothing.

    `files` has a number for each segment: 1 where a file begins, and 2 more where there are documents;
    `fixable` counts the errors in each that have a fix, and is -1 where something could not be read.
    `users` are the UIDs of all members, `pods` counts those with members in each segment.
    """

    counts: Counts
    files: bytes
    fixable: tuple[int, ...]
    heads: Span
    entries: Span
    members: Span
    sections: Span
    users: tuple[int, ...]
    pods: tuple[int, ...]
    lost: bool
    tasks: Span | None
    made: Sequence[bytes] = ()
    across: Span | None = None


class Gone(msgspec.Struct, frozen=True):
    """What was not found of what is accepted; `count` says how many.

    `fixed` is no longer there, `absent` is about objects that are not among those checked, `before` is what
    a revision had.
    """

    fixed: tuple[AcceptedFinding, ...] = ()
    absent: tuple[AcceptedFinding, ...] = ()
    before: tuple[AcceptedFinding, ...] = ()


class Kept:
    """The records of one run."""

    def __init__(self) -> None:
        self._spool = Spool()
        self._chunks: dict[int, _KeptChunk] = {}
        self._sources: dict[Place, tuple[Sources, tuple[int, int]]] = {}
        self._allowances: dict[Place, dict[str, int]] = {}
        self._wanted_across: dict[str, int] = {}
        self._seen: set[ObjectIdentity] = set()
        self._wanted: dict[Place, tuple[dict[str, int], tuple[int, int]]] = {}
        self._counts = Counts()

    def add(self, number: int, asked: bytes | list[Task], answer: Answer) -> None:
        """Take the answer to the tasks of a chunk, which may be packed."""
        heads = [decode(head, Head) for head in answer.heads]
        dependent = {
            (number, index): (head.sources, head.digest)
            for index, head in enumerate(heads)
            if head.sources != _NO_SOURCES
        }
        self._sources.update(dependent)
        wanted = {
            (number, index): (head.wanted, head.digest) for index, head in enumerate(heads) if head.wanted
        }
        self._wanted.update(wanted)
        for head in heads:
            self._seen.update(head.seen)
        tasks = None
        if dependent or wanted:
            tasks = self._spool.write(asked if isinstance(asked, bytes) else pack(asked))
        self._chunks[number] = self._chunk(answer, heads, tasks)

    def dependent(self) -> tuple[list[Place], dict[Place, Sources]]:
        """Give the segments whose objects tell others something, and those that may ask it."""
        asked = {kind for sources, _ in self._sources.values() for kind in sources.asked}
        asks_storage = any(sources.asks_storage for sources, _ in self._sources.values())
        teaching = [
            place
            for place, (sources, _) in sorted(self._sources.items())
            if (asks_storage and sources.has_storage) or not asked.isdisjoint(sources.defined)
        ]
        asking = {
            place: sources
            for place, (sources, _) in sorted(self._sources.items())
            if sources.asked or sources.asks_storage
        }
        return teaching, asking

    def tasks(self, places: Iterable[Place]) -> list[Task]:
        """Give the tasks of segments, whose bytes have to be what they were."""
        found: list[Task] = []
        for number, group in groupby(places, key=lambda place: place[0]):
            span = self._chunks[number].tasks
            tasks = [] if span is None else unpack(self._spool.read(span))
            for place in group:
                _, digest = self._sources.get(place) or self._wanted[place]
                allowance = self._allowances.get(place)
                found.append(tasks[place[1]]._replace(digest=digest, allowance=allowance))
        return found

    def exceeding(self, accepted: Accepted) -> list[Place]:
        """Give the segments that took more of what is accepted than is left for them."""
        from .allowances import share_out

        wanted = ((place, found) for place, (found, _) in sorted(self._wanted.items()))
        self._allowances = share_out(accepted, wanted)
        return sorted(self._allowances)

    def not_found(self, accepted: Accepted) -> dict[str, int]:
        """Count by fingerprint the accepted findings that are not there, once `add_across` is over."""
        left = {fingerprint: finding.count for fingerprint, finding in accepted.findings.items()}
        for found in (*(found for found, _ in self._wanted.values()), self._wanted_across):
            for fingerprint, count in found.items():
                left[fingerprint] = max(0, left[fingerprint] - count)
        return {fingerprint: count for fingerprint, count in left.items() if count}

    @property
    def seen(self) -> Set[ObjectIdentity]:
        """The objects about which findings are accepted, as far as they were judged."""
        return self._seen

    def replace(self, places: list[Place], answer: Answer) -> None:
        """Take other records for some segments of one chunk."""
        number = places[0][0]
        chunk = self._chunks[number]
        read = self._spool.read
        parts = [
            marshal.loads(read(chunk.heads)),
            *(unpack_parts(read(span)) for span in (chunk.entries, chunk.members, chunk.sections)),
        ]
        others = [answer.heads, *map(unpack_parts, (answer.entries, answer.members, answer.sections))]
        for part, other in zip(parts, others, strict=True):
            for (_, index), new in zip(places, other, strict=True):
                part[index] = new
        records = list(zip(*parts, strict=True))
        heads = [decode(head, Head) for head in parts[0]]
        for place in places:
            if heads[place[1]].wanted or place in self._wanted:
                self._wanted[place] = heads[place[1]].wanted, heads[place[1]].digest
        self._chunks[number] = self._chunk(join_records(records), heads, chunk.tasks)

    def _chunk(self, answer: Answer, heads: list[Head], tasks: Span | None) -> _KeptChunk:
        write = self._spool.write
        users = tuple(user for head in heads for user in head.users)
        return _KeptChunk(
            sum_of([head.counts for head in heads]),
            bytes((not head.continues) + 2 * bool(head.counts.documents) for head in heads),
            tuple(-1 if head.lost else head.counts.fixable for head in heads),
            heads=write(marshal.dumps(answer.heads)),
            entries=write(answer.entries),
            members=write(answer.members),
            sections=write(answer.sections),
            users=users,
            pods=tuple(head.pods for head in heads) if users else (),
            lost=any(head.lost for head in heads),
            tasks=tasks,
            made=answer.made if any(answer.made) else (),
        )

    def made(self) -> Iterator[tuple[bytes, Record]]:
        """Give the records that a cache has not, by their keys; ask before any is replaced."""
        for _, chunk in self._in_order():
            if chunk.made:
                read = self._spool.read
                heads: list[bytes] = marshal.loads(read(chunk.heads))
                parts = (unpack_parts(read(span)) for span in (chunk.entries, chunk.members, chunk.sections))
                for key, *record in zip(chunk.made, heads, *parts, strict=True):
                    if key:
                        yield key, (record[0], record[1], record[2], record[3])

    def add_across(self, selection: Selection, report: CheckReport) -> None:
        """Find what only the whole run shows, and render it."""
        times: Counter[int] = Counter()
        for chunk in self._chunks.values():
            times.update(chunk.users)
            self._counts.add(chunk.counts)
        shared = {user for user, count in times.items() if count > 1}
        del times
        if not shared:
            return
        places = enumerate(place for place, _ in self._members(shared))
        found: list[tuple[int, RenderedFinding]] = []
        number = -1
        accepting = None
        if selection.accepts:
            from ..judging.accepting import Accepting

            accepting = Accepting(selection)
        members = partial(self._kept_members, shared)
        for index, located in find_across(members, selection, accepting):
            at, place = next(places)
            while at < index:
                at, place = next(places)
            if place[0] != number:
                self._put_across(number, found)
                number, found = place[0], []
            self._counts.add_located(located)
            entry = report.entry(place[2], located)
            if entry is not None:
                found.append((place[1], entry))
        self._put_across(number, found)
        if accepting is not None:
            self._wanted_across = accepting.wanted

    def _kept_members(self, users: set[int]) -> Iterator[KeptMember]:
        return (kept for _, kept in self._members(users))

    def _members(self, users: set[int]) -> Iterator[tuple[tuple[int, int, int], KeptMember]]:
        """Give the members with these UIDs, each with its chunk, segment and page."""
        before = 0
        for number, chunk in self._in_order():
            if users.isdisjoint(chunk.users):
                before += sum(chunk.pods)
                continue
            for index, part in enumerate(unpack_parts(self._spool.read(chunk.members))):
                for kept in decode(part, list[KeptMember]) if chunk.pods[index] else ():
                    if kept.member.user.uid in users:
                        yield (number, index, kept.page), kept.numbered(before)
                before += chunk.pods[index]

    def _put_across(self, number: int, found: list[tuple[int, RenderedFinding]]) -> None:
        if found:
            self._chunks[number].across = self._spool.write(encode(found))

    def _in_order(self) -> Iterator[tuple[int, _KeptChunk]]:
        return ((number, self._chunks[number]) for number in range(len(self._chunks)))

    def counts(self) -> Counts:
        """Count everything, once `add_across` has found what the whole run shows."""
        return self._counts

    def count_files(self) -> int:
        """Count the files that have documents."""
        count = 0
        has_documents = False
        for _, chunk in self._in_order():
            for flags in chunk.files:
                if flags & 1:
                    count += has_documents
                    has_documents = False
                has_documents = has_documents or flags > 1
        return count + has_documents

    def count_fixable(self) -> int:
        """Count the errors that have a fix, except in files that cannot be read to their end."""
        count = of_file = 0
        is_lost = False
        for _, chunk in self._in_order():
            for flags, fixable in zip(chunk.files, chunk.fixable, strict=True):
                if flags & 1:
                    count += of_file
                    of_file, is_lost = 0, False
                is_lost = is_lost or fixable < 0
                of_file = 0 if is_lost else of_file + fixable
        return count + of_file

    def entries(self) -> Iterator[RenderedFinding]:
        """Give what was rendered of findings, in order."""
        for _, chunk in self._in_order():
            across: dict[int, list[RenderedFinding]] = {}
            if chunk.across is not None:
                for index, entry in decode(self._spool.read(chunk.across), list[tuple[int, RenderedFinding]]):
                    across.setdefault(index, []).append(entry)
            for index, part in enumerate(unpack_parts(self._spool.read(chunk.entries))):
                entries = decode(part, list[RenderedFinding])
                if index in across:
                    entries += across[index]
                    entries.sort(key=lambda entry: (entry.page, entry.line, entry.column))
                yield from entries

    def section(self, name: str) -> Iterator[str]:
        """Give what was rendered for a section, in order."""
        written = name.encode()
        for _, chunk in self._in_order():
            parts = self._spool.read(chunk.sections)
            if written not in parts:  # most segments have few sections
                continue
            for part in unpack_parts(parts):
                if written in part:
                    yield from decode(part, dict[str, list[str]]).get(name, ())

    def lost(self) -> Iterator[tuple[str, int, str]]:
        """Give file, line and message of what could not be read, in order."""
        for _, chunk in self._in_order():
            if chunk.lost:
                for head in marshal.loads(self._spool.read(chunk.heads)):
                    yield from decode(head, Head).lost
