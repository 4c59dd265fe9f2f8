"""Tells what is accepted and no longer there from what was not looked at: a run comes in, findings go out.

A finding is gone where its object was judged and its check was asked for. Of an object that is not among
those checked nothing is known: it was deleted, or lies elsewhere.
"""

import msgspec

from ...results.accepted import Accepted, AcceptedFinding
from ..judging.ignores import decides, is_across
from ..judging.judge import Judge
from ..judging.selection import Selection
from .kept import Gone, Kept

__all__ = ["find_gone"]


def find_gone(kept: Kept, accepted: Accepted, judge: Judge, selection: Selection) -> Gone:
    """Tell what is gone, once `Kept.add_across` is over.

    What only several objects together show is gone only where all objects of the baseline were judged.
    """
    seen = kept.seen
    fixed: list[AcceptedFinding] = []
    absent: list[AcceptedFinding] = []
    before: list[AcceptedFinding] = []
    is_whole = seen >= accepted.objects
    for fingerprint, count in kept.not_found(accepted).items():
        finding = msgspec.structs.replace(accepted.findings[fingerprint], count=count)
        check = finding.subject.check
        if fingerprint in accepted.revision:
            before.append(finding)
        elif finding.subject.object not in seen:
            absent.append(finding)
        elif selection.reports(check, selection.ignore) and (
            is_whole if is_across(check) else decides(judge, check)
        ):
            fixed.append(finding)
    return Gone(tuple(fixed), tuple(absent), tuple(before))
