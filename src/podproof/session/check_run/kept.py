"""Keeps the records of a run until it is whole: answers come in, in any order, and are read in theirs.

Of each chunk, counts and a few facts stay in memory; what was rendered is in the spool, or in the file of a
cache.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import partial
from itertools import chain, groupby

import msgspec

from ...findings import MOST_LISTED
from ...results.accepted import Accepted, AcceptedFinding
from ...results.fingerprint import ObjectIdentity
from ...results.segment import CheckReport, Counts, KeptMember, RenderedFinding, Sources
from ..judging.across import find_across
from ..judging.selection import Selection
from ..spool import Span, Spool
from .records import (
    Answer,
    ChunkSummary,
    Head,
    KnownGroup,
    decode,
    encode,
    join_records,
    summarize,
    unpack_parts,
)
from .tasks import Task, pack, unpack

__all__ = ["Gone", "Kept", "Place"]

Place = tuple[int, int]
"""A segment: the number of its chunk, and its own in that."""


class _KeptChunk(msgspec.Struct):
    """What is known of a chunk, and where its parts are. `across` None: there is nothing.

    `tasks` None: nobody needs them again. `read` reads the parts. `keys` are those of the Answer where a
    cache has not all of this together.
    """

    summary: ChunkSummary
    heads: Span
    entries: Span
    members: Span
    sections: Span
    read: Callable[[Span], bytes]
    tasks: Span | None
    keys: Sequence[bytes] = ()
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
        self._broken: dict[Place, tuple[int, int]] = {}
        self._wanted_across: dict[str, int] = {}
        self._seen: set[ObjectIdentity] = set()
        self._wanted: dict[Place, tuple[dict[str, int], tuple[int, int]]] = {}
        self._counts = Counts()

    def add(self, number: int, asked: bytes | list[Task], answer: Answer) -> None:
        """Take the answer to the tasks of a chunk, which may be packed."""
        summary = summarize(decode(answer.heads, list[Head]))
        self._chunks[number] = self._chunk(answer, summary, self._note(number, asked, summary))

    def add_known(self, number: int, tasks: list[Task], known: KnownGroup) -> None:
        """Take what a cache knows of a chunk; its parts stay there."""
        summary = known.summary
        asked = self._note(number, tasks, summary)
        self._chunks[number] = _KeptChunk(summary, *known.parts, known.read, asked)

    def _note(self, number: int, asked: bytes | list[Task], summary: ChunkSummary) -> Span | None:
        """Note what depends on others, and keep the tasks of a chunk where they may be needed again."""
        for index, sources, digest in summary.sources:
            self._sources[number, index] = sources, digest
        for index, wanted, digest in summary.wanted:
            self._wanted[number, index] = wanted, digest
        self._seen.update(summary.seen)
        if not summary.sources and not summary.wanted and not summary.broken:
            return None
        return self._spool.write(asked if isinstance(asked, bytes) else pack(asked))

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
                _, digest = self._sources.get(place) or self._wanted.get(place) or (None, None)
                allowance = self._allowances.get(place)
                broken = self._broken.get(place)
                found.append(tasks[place[1]]._replace(digest=digest, allowance=allowance, broken=broken))
        return found

    def crowded(self) -> list[Place]:
        """Give the stretches that do not list what is theirs of the broken documents of their file."""
        files = list(self._broken_by_file())
        if not files:
            return []
        from .allowances import share_list

        for of_file in files:
            self._broken |= share_list(of_file, MOST_LISTED)
        return sorted(self._broken)

    def _broken_by_file(self) -> Iterator[list[tuple[Place, int]]]:
        """Count the broken documents of each stretch that has any, file by file."""
        found: list[tuple[Place, int]] = []
        for number, chunk in self._in_order():
            broken = chunk.summary.broken
            for index, flags in enumerate(chunk.summary.files if broken or found else ()):
                if flags & 1 and found:
                    yield found
                    found = []
                if broken and broken[index]:
                    found.append(((number, index), broken[index]))
        if found:
            yield found

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
        read = chunk.read
        spans = chunk.heads, chunk.entries, chunk.members, chunk.sections
        parts = [unpack_parts(read(span)) for span in spans]
        for part, other in zip(parts, map(unpack_parts, answer[:4]), strict=True):
            for (_, index), new in zip(places, other, strict=True):
                part[index] = new
        heads = [decode(head, Head) for head in parts[0]]
        for place in places:
            if heads[place[1]].wanted or place in self._wanted:
                self._wanted[place] = heads[place[1]].wanted, heads[place[1]].digest
        joined = join_records(list(zip(*parts, strict=True)))
        self._chunks[number] = self._chunk(joined, summarize(heads), chunk.tasks)

    def _chunk(self, answer: Answer, summary: ChunkSummary, tasks: Span | None) -> _KeptChunk:
        heads, entries, members, sections = map(self._spool.write, answer[:4])
        return _KeptChunk(summary, heads, entries, members, sections, self._spool.read, tasks, answer.keys)

    def made(self) -> Iterator[tuple[ChunkSummary, Answer]]:
        """Give the chunks that a cache has not; ask before any is replaced."""
        for _, chunk in self._in_order():
            if chunk.keys:
                spans = chunk.heads, chunk.entries, chunk.members, chunk.sections
                heads, entries, members, sections = map(chunk.read, spans)
                yield chunk.summary, Answer(heads, entries, members, sections, chunk.keys)

    def add_across(self, selection: Selection, report: CheckReport) -> None:
        """Find what only the whole run shows, and render it."""
        times: Counter[int] = Counter()
        for chunk in self._chunks.values():
            times.update(chunk.summary.users)
            self._counts.add(chunk.summary.counts)
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
            pods = chunk.summary.pods
            if users.isdisjoint(chunk.summary.users):
                before += sum(pods)
                continue
            for index, members in enumerate(decode(chunk.read(chunk.members), list[list[KeptMember]])):
                for kept in members:
                    if kept.member.user.uid in users:
                        yield (number, index, kept.page), kept.numbered(before)
                before += pods[index]

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
            for flags in chunk.summary.files:
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
            for flags, fixable in zip(chunk.summary.files, chunk.summary.fixable, strict=True):
                if flags & 1:
                    count += of_file
                    of_file, is_lost = 0, False
                is_lost = is_lost or fixable < 0
                of_file = 0 if is_lost else of_file + fixable
        return count + of_file

    def entries(self) -> Iterator[RenderedFinding]:
        """Give what was rendered of findings, in order."""
        for _, chunk in self._in_order():
            of_segments = decode(chunk.read(chunk.entries), list[list[RenderedFinding]])
            if chunk.across is not None:
                found = decode(self._spool.read(chunk.across), list[tuple[int, RenderedFinding]])
                for index, entry in found:
                    of_segments[index].append(entry)
                for index in {index for index, _ in found}:
                    of_segments[index].sort(key=lambda entry: (entry.page, entry.line, entry.column))
            yield from chain.from_iterable(of_segments)

    def section(self, name: str) -> Iterator[str]:
        """Give what was rendered for a section, in order."""
        for _, chunk in self._in_order():
            if name in chunk.summary.sections:
                for sections in decode(chunk.read(chunk.sections), list[dict[str, list[str]]]):
                    yield from sections.get(name, ())

    def lost(self) -> Iterator[tuple[str, int, str]]:
        """Give file, line and message of what could not be read, in order."""
        for _, chunk in self._in_order():
            if chunk.summary.lost:
                for head in decode(chunk.read(chunk.heads), list[Head]):
                    yield from head.lost
