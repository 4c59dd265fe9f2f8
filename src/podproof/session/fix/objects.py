"""Mends one object: its value and what is found in it come in, edits go out that were judged again.

The judge has the last word: what makes anything worse is not offered, nor what cannot be proven.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ...edits.edit import Edit
from ...findings import ContainerRef, Finding, Severity
from ...fixes.change import PlannedChange, PodToFix
from ...fixes.emptied import without_emptied
from ...fixes.mistakes import MISTAKES, Unmended
from ...fixes.proof import disprove
from ...fixes.volumes import READ_ONLY
from ...kube.workload import Learned
from ...manifest.route import Route
from ..judging.judge import Judge, Judged
from .mistakes import Mended, mend_mistakes
from .object_plan import FixQuestion, ObjectPlan, make_changes, pods_of
from .options import FixOptions
from .worse import find_worse

__all__ = ["ObjectFix", "fix_object"]


_MOST_TAKEN_BACK = 8
"""Changes of one object that are taken back, one after the other, before nothing of it is offered."""


class ObjectFix(msgspec.Struct, frozen=True):
    """The changes to an object, what it is then, and the errors that are left.

    `worse` says what would have become worse: then there are no changes. `taken_back` are changes that are
    not made after all, each with the reason. `unmended` says of mistakes that are left, by their routes, why
    they are.
    """

    value: Any
    changes: tuple[PlannedChange, ...]
    left: tuple[Finding, ...]
    worse: str = ""
    taken_back: tuple[tuple[PlannedChange, str], ...] = ()
    unmended: Mapping[Route, Unmended] = {}

    @property
    def edits(self) -> tuple[Edit, ...]:
        """All edits in order."""
        return tuple(edit for change in self.changes for edit in change.edits)


def fix_object(
    value: Any,
    before: Judged,
    judge: Judge,
    options: FixOptions,
    reports: Callable[[str], bool],
    stays: Callable[[Finding], bool],
    learned: Learned | None,
) -> ObjectFix:
    """Mend an object as far as the options allow.

    `reports` tells which checks were asked for, `stays` which findings somebody accepted.
    """

    def ask(changed: Any) -> Judged:
        return judge.judge(changed, reports=reports, learned=learned)

    taken_up = MISTAKES | options.asked

    def wanted(judged: Judged) -> list[Finding]:
        return [
            finding
            for finding in judged.findings
            if (finding.severity is Severity.ERROR or finding.check in taken_up)
            and reports(finding.check)
            and not stays(finding)
        ]

    def mistakes(changed: Any, findings: Sequence[Finding], pods: Sequence[PodToFix]) -> Mended:
        return mend_mistakes(changed, findings, pods, judge, learned)

    def read_only(container: ContainerRef, place: Route) -> bool:
        if READ_ONLY not in options.asked or not reports(READ_ONLY):
            return False
        route = (*place, "securityContext", "readOnlyRootFilesystem")
        return not stays(Finding(READ_ONLY, Severity.NOTE, "", route, container))

    question = FixQuestion(value, before, options, ask, wanted, mistakes, read_only)
    plan = ObjectPlan(question, options.tried.taken_back)
    plan.make()
    taken_back = 0
    while worse := find_worse(before.findings, plan.judged.findings, plan.made):
        if taken_back == _MOST_TAKEN_BACK:
            return ObjectFix(value, (), _errors(wanted(before)), worse[0].message)
        plan = plan.without_culprit(worse)
        taken_back += 1
    plan.say_once()
    objection = disprove(pods_of(before), pods_of(plan.judged), plan.made) if plan.made else ""
    if objection:
        return ObjectFix(value, (), _errors(wanted(before)), objection)
    made, changed, judged = plan.made, plan.value, plan.judged
    tidied = without_emptied(value, changed, made)
    if tidied != made:
        tidy = make_changes(value, tidied)
        judged_tidy = ask(tidy)
        if not find_worse(before.findings, judged_tidy.findings, tidied):
            made, changed, judged = tidied, tidy, judged_tidy
    return ObjectFix(changed, tuple(made), _errors(wanted(judged)), unmended=dict(plan.unmended()))


def _errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)
