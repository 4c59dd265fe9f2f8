"""Collects the users of containers over a whole run, for the checks that look across all that was given.

What was judged comes in, object by object, and a few values for each container go out, to be kept; once all
are known, the findings go out, located. Of the text of a file, what a frame shows is kept, if one is shown.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Protocol, overload

import msgspec

from ...checks.model.across import AcrossCheck, Member
from ...checks.model.catalogue import all_checks
from ...findings import Finding, Severity
from ...results.checked import Located, Suppression
from ...results.segment import KeptMember
from .judge import Judged
from .selection import Selection

if TYPE_CHECKING:
    from .accepting import Accepting

__all__ = ["Across", "find_across"]

_CONTEXT = 2
"""Lines above a place that a frame may show, as in outputs/frames.py."""


class Locate(Protocol):
    """Finds the place of a finding in the object that it is about."""

    def __call__(self, finding: Finding, *, with_lines: bool) -> Located:
        """Locate a finding; it has the lines of the file only if they are asked for."""
        ...


class Suppress(Protocol):
    """Gives what a manifest ignores of the checks across all manifests, for a finding on a line."""

    def __call__(self, finding: Finding, *, line: int) -> dict[str, Suppression]:
        """Give a suppression for each check that is ignored there."""
        ...


class Across:
    """Makes the members of one segment, in their order. A file that ignores a check counts for the others."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.checks = _checks(selection)
        ranks = selection.severity
        self.framed = bool(ranks) and any(
            ranks.get(check.id, Severity.NOTE) is not Severity.NOTE for check in self.checks
        )
        self.members: list[KeptMember] = []
        self.pods = 0

    def add(
        self,
        judged: Judged,
        page: int,
        locate: "Locate",
        ignored: frozenset[str],
        suppress: Suppress | None = None,
    ) -> None:
        """Take the users of one object's pods.

        `locate` finds the place of a finding in the object, `ignored` is what its file ignores, `suppress`
        gives what the manifest ignores at a place, by the check.
        """
        if not self.checks or not judged.users:
            return
        heard = _heard(self.selection.select, ignored)
        owner = judged.object
        whose = f' of {owner.kind} "{owner.name}"' if owner.kind and owner.name else ""
        for users in judged.users:
            self.pods += 1
            for user in users:
                stub = Finding("", Severity.NOTE, "", user.route, user.container, related=user.related)
                located = locate(stub, with_lines=self.framed)
                place = located.place
                suppressed = {} if suppress is None else suppress(stub, line=place.line)
                member = Member(self.pods, owner.name, whose, located.file, place.line, user)
                if self.framed:
                    lines = located.lines
                    located = msgspec.structs.replace(located, lines=())
                    excerpt = _excerpt(located, lines)
                    kept = KeptMember(page, member, located, heard, suppressed, excerpt, len(lines))
                else:
                    kept = KeptMember(page, member, located, heard, suppressed)
                self.members.append(kept)


def find_across(
    members: Callable[[], Iterable[KeptMember]], selection: Selection, accepting: "Accepting | None" = None
) -> Iterator[tuple[int, Located]]:
    """Run the checks over the members, which are given as often as they are asked for.

    Gives the index of the member that each finding is about; the members of a check come in their order.
    """
    for check in _checks(selection):
        kept_members = enumerate(members())
        for index, finding in check.find(_Members(members)):
            number, kept = next(kept_members)
            while number < index:
                number, kept = next(kept_members)
            if check.id not in kept.heard:
                continue
            located = kept.located
            ranked = msgspec.structs.replace(
                finding,
                severity=selection.severity.get(check.id, finding.severity),
                route=located.finding.route,
                related=located.finding.related,
            )
            lines = _Excerpt(kept.excerpt, kept.length) if kept.excerpt else ()
            suppression = kept.suppressed.get(check.id)
            if suppression is None and accepting is not None:
                suppression = accepting.take(located.file, located.object, ranked)
            yield (
                index,
                msgspec.structs.replace(located, finding=ranked, lines=lines, suppression=suppression),
            )


def _checks(selection: Selection) -> tuple[AcrossCheck, ...]:
    return _reported(selection.select, selection.ignore)


@lru_cache(maxsize=256)
def _reported(select: frozenset[str], ignored: frozenset[str]) -> tuple[AcrossCheck, ...]:
    """Give the checks that are reported where these are ignored."""
    selection = Selection(select=select)
    return tuple([check for check in _all_across() if selection.reports(check.id, ignored)])


@lru_cache(maxsize=256)
def _heard(select: frozenset[str], ignored: frozenset[str]) -> frozenset[str]:
    return frozenset([check.id for check in _reported(select, ignored)])


@cache
def _all_across() -> tuple[AcrossCheck, ...]:
    return tuple(check for check in all_checks() if isinstance(check, AcrossCheck))


class _Members:
    """The members without where they stand, to be walked several times."""

    def __init__(self, members: Callable[[], Iterable[KeptMember]]) -> None:
        self._members = members

    def __iter__(self) -> Iterator[Member]:
        return (kept.member for kept in self._members())


def _excerpt(located: Located, lines: Sequence[str]) -> dict[int, str]:
    """Give the lines, by their 1-based numbers, that a frame of the finding may show."""
    places = [located.place, *(place for place, _ in located.related)]
    numbers = {
        number
        for place in places
        for number in range(max(1, place.line - _CONTEXT), min(place.line, len(lines)) + 1)
    }
    return {number: lines[number - 1] for number in numbers}


class _Excerpt(Sequence[str]):
    """Lines of a file of which only some are known."""

    def __init__(self, lines: dict[int, str], length: int) -> None:
        self._lines = lines
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(self._length))]
        return self._lines.get(index + 1, "")
