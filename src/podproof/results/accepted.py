"""Findings that are accepted before a run: how many of each subject, and why.

A baseline is such a multiset, and so is what another revision of the manifests has. Findings beyond the count
of their subject are new. Values only.
"""

from collections.abc import Iterable
from functools import cached_property

import msgspec

from .checked import Suppression
from .fingerprint import ObjectIdentity, Subject

__all__ = ["Accepted", "AcceptedFinding", "union"]


class AcceptedFinding(msgspec.Struct, frozen=True):
    """How many findings of one subject are accepted, and why ("" where nobody says)."""

    subject: Subject
    count: int = 1
    reason: str = ""


class Accepted(msgspec.Struct, frozen=True, dict=True):
    """By fingerprint, what is accepted. `refusals`: what the API server refuses, too.

    `revision` has the fingerprints of those that a revision of the same manifests has, and no baseline.
    """

    findings: dict[str, AcceptedFinding] = {}
    refusals: bool = False
    revision: frozenset[str] = frozenset()

    @cached_property
    def objects(self) -> frozenset[ObjectIdentity]:
        """The objects that they are about."""
        return frozenset(finding.subject.object for finding in self.findings.values())

    def count(self, fingerprint: str) -> int:
        """How many findings are accepted."""
        found = self.findings.get(fingerprint)
        return 0 if found is None else found.count

    def suppression(self, fingerprint: str) -> Suppression:
        """Why one is accepted."""
        return Suppression("baseline", self.findings[fingerprint].reason)


def union(accepted: Iterable[Accepted]) -> Accepted | None:
    """Accept what any of several accepts, as many as the most generous does; None: there are none."""
    several = list(accepted)
    if len(several) < 2:
        return several[0] if several else None
    findings: dict[str, AcceptedFinding] = {}
    for each in several:
        for fingerprint, finding in each.findings.items():
            known = findings.get(fingerprint)
            if known is None or known.count < finding.count:
                findings[fingerprint] = finding
    listed = {name for each in several for name in each.findings.keys() - each.revision}
    return Accepted(findings, any(each.refusals for each in several), frozenset(findings.keys() - listed))
