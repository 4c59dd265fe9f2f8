"""Accepts findings as far as a baseline does, and counts what there is of each subject.

A segment takes what it may of the accepted findings; that several segments took the same ones is settled when
all are known, see `session.check_run.allowances`.
"""

from collections.abc import Mapping

from ...findings import Finding
from ...results.checked import ObjectRef, Suppression
from ...results.fingerprint import ObjectIdentity, Subject, identify_object, subject_of
from .ignores import is_refusal
from .selection import UNREADABLE, Selection

__all__ = ["Accepting"]


class Accepting:
    """Takes the findings of one segment that are not ignored, in their order.

    `tally` counts them by subject, if that is asked for; `wanted` counts those of which any are accepted.
    `seen` are the objects of which any are. `allowance` is what this segment may take, None: everything that
    is accepted.
    """

    def __init__(self, selection: Selection, allowance: Mapping[str, int] | None = None) -> None:
        self._accepted = selection.accepted
        self._refusals = selection.ignoring_refusals
        self._tally = selection.tally
        self._allowance = allowance
        self.tally: dict[Subject, int] = {}
        self.wanted: dict[str, int] = {}
        self.seen: dict[ObjectIdentity, None] = {}

    def see(self, file: str, named: ObjectRef) -> None:
        """Note that an object was judged, if any findings about it are accepted."""
        if self._accepted is not None:
            identity = identify_object(file, named)
            if identity in self._accepted.objects:
                self.seen[identity] = None

    def take(self, file: str, named: ObjectRef | None, finding: Finding) -> Suppression | None:
        """Count a finding, and accept it while there are accepted ones left; None: it counts as new."""
        if finding.check == UNREADABLE:
            return None
        refusal = is_refusal(finding)
        subject = subject_of(file, named, finding)
        if self._tally == "all" or (self._tally == "acceptable" and (self._refusals or not refusal)):
            self.tally[subject] = self.tally.get(subject, 0) + 1
        accepted = self._accepted
        if accepted is None:
            return None
        fingerprint = subject.fingerprint
        count = accepted.count(fingerprint)
        if not count:
            return None
        number = self.wanted[fingerprint] = self.wanted.get(fingerprint, 0) + 1
        if refusal and not (self._refusals or accepted.refusals):
            return None
        if self._allowance is not None:
            count = self._allowance.get(fingerprint, count)
        return accepted.suppression(fingerprint) if number <= count else None
