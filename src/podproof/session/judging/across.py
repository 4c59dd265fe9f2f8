"""Collects the users of containers over a whole run, for the checks that look across all that was given.

What was judged comes in, object by object, and is kept as a few values for each container; at the end the
findings go out, located. The text of a file is kept for them, its parsed form is not.
"""

from collections.abc import Callable, Iterator

import msgspec

from ...checks.model.across import AcrossCheck, Member
from ...checks.model.catalogue import all_checks
from ...findings import Finding, Severity
from ...results.checked import Located
from .judge import Judged
from .selection import Selection

__all__ = ["Across"]


class _Kept(msgspec.Struct, frozen=True, gc=False):
    """Where a member stands: the number of its object, a finding's place, and the checks that are heard."""

    page: int
    located: Located
    heard: frozenset[str]


class Across:
    """The members of one run, in their order. A file that ignores a check still counts for the others."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.checks = tuple(
            check
            for check in all_checks()
            if isinstance(check, AcrossCheck) and selection.reports(check.id, selection.ignore)
        )
        self.members: list[Member] = []
        self.kept: list[_Kept] = []
        self.pods = 0

    def add(
        self, judged: Judged, page: int, locate: Callable[[Finding], Located], ignored: frozenset[str]
    ) -> None:
        """Take the users of one object's pods.

        `locate` finds the place of a finding in the object, `ignored` is what its file ignores.
        """
        if not self.checks or not judged.users:
            return
        heard = frozenset(c.id for c in self.checks if self.selection.reports(c.id, ignored))
        owner = judged.object
        whose = f' of {owner.kind} "{owner.name}"' if owner.kind and owner.name else ""
        for users in judged.users:
            self.pods += 1
            for user in users:
                stub = Finding("", Severity.NOTE, "", user.route, user.container, related=user.related)
                located = locate(stub)
                line = located.place.line
                self.members.append(Member(self.pods, owner.name, whose, located.file, line, user))
                self.kept.append(_Kept(page, located, heard))

    def findings(self) -> Iterator[tuple[int, Located]]:
        """Run the checks; gives the number of the object that each finding belongs to."""
        for check in self.checks:
            for index, finding in check.find(self.members):
                kept = self.kept[index]
                if check.id not in kept.heard:
                    continue
                ranked = msgspec.structs.replace(
                    finding,
                    severity=self.selection.severity.get(check.id, finding.severity),
                    route=kept.located.finding.route,
                    related=kept.located.finding.related,
                )
                yield kept.page, msgspec.structs.replace(kept.located, finding=ranked)
