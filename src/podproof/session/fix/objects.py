"""Mends one object: its value and what is found in it come in, edits go out that were judged again.

Mistakes are mended first, since what they hide counts then. Changes are planned until nothing more can be
mended, since one may uncover another; then users are given to containers that need one. The judge has the
last word: what makes anything worse is not offered.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any

import msgspec

from ...checks.model.catalogue import pod_security_checks
from ...edits.apply import EditError, apply_edits
from ...edits.edit import Edit
from ...edits.text.same import is_same
from ...findings import ContainerRef, Finding, Severity
from ...fixes.capabilities import LOW_PORT, plan_needed_capabilities, plan_ports
from ...fixes.change import ChangeKind, PlannedChange, PodToFix
from ...fixes.emptied import without_emptied
from ...fixes.mistakes import MISTAKES, Unmended
from ...fixes.plan import plan_changes
from ...fixes.proof import disprove
from ...fixes.repeats import without_repeats
from ...fixes.users import ChosenUser, UidRange, foresee_users, plan_users
from ...fixes.volumes import READ_ONLY, Written, plan_read_only, plan_volumes
from ...kube.workload import Learned
from ...manifest.route import Route, value_at
from ..judging.judge import Judge, Judged
from .mistakes import Mended, mend_mistakes

__all__ = ["FixOptions", "ObjectFix", "Tried", "fix_object"]

_ROUNDS = 8
"""Plans in a row for one object; two are enough for all that checks know, and three more steps follow."""

_MOST_TAKEN_BACK = 8
"""Changes of one object that are taken back, one after the other, before nothing of it is offered."""

_MOST_TRIED = 40
"""Changes of one container and its pod that are tried one by one for the one to take back."""

_NEEDS_USER = ("run-as-non-root", "run-as-user")


class Tried(msgspec.Struct, frozen=True):
    """What trial runs of an object have shown so far.

    `taken_back` are changes that are not made, by their words and container. `written` are folders that
    need a volume, and `users` those that can write where the program has to.
    """

    taken_back: frozenset[tuple[object, ...]] = frozenset()
    written: Mapping[ContainerRef, Written] = {}
    users: Mapping[ContainerRef, ChosenUser] = {}


class FixOptions(msgspec.Struct, frozen=True):
    """What somebody asked for: the kinds of changes, and the users that may be guessed.

    `asked` are checks that were named: what they find is mended even if it is no error.
    """

    kinds: frozenset[ChangeKind] = frozenset(("same", "tighter", "guess"))
    uids: UidRange = UidRange()
    asked: frozenset[str] = frozenset()
    tried: Tried = Tried()


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

    asking = (value, before, options, ask, wanted, mistakes, read_only)
    plan = _ObjectPlan(*asking, taken_back=options.tried.taken_back)
    plan.make()
    for _ in range(_MOST_TAKEN_BACK):
        worse = _worse(before.findings, plan.judged.findings, plan.made)
        if not worse:
            break
        plan = plan.without_culprit(worse)
    else:
        return ObjectFix(value, (), _errors(wanted(before)), worse[0].message)
    plan.say_once()
    objection = disprove(_pods(before), _pods(plan.judged), plan.made) if plan.made else ""
    if objection:
        return ObjectFix(value, (), _errors(wanted(before)), objection)
    made = tuple(without_emptied(value, plan.value, plan.made))
    return ObjectFix(_apply(value, made), made, _errors(wanted(plan.judged)), unmended=dict(plan.unmended()))


def _errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


class _ObjectPlan:
    """Changes in their making; `taken_back` are the texts of those that are not made."""

    def __init__(
        self,
        value: Any,
        before: Judged,
        options: FixOptions,
        ask: Callable[[Any], Judged],
        wanted: Callable[[Judged], list[Finding]],
        mistakes: Callable[[Any, Sequence[Finding], Sequence[PodToFix]], Mended],
        read_only: Callable[[ContainerRef, Route], bool],
        taken_back: frozenset[tuple[object, ...]] = frozenset(),
    ) -> None:
        self._arguments = (value, before, options, ask, wanted, mistakes, read_only)
        self._taken_back = taken_back
        self.value, self.judged = value, before
        self.made: list[PlannedChange] = []

    def make(self) -> None:
        """Plan until nothing more can be mended."""
        _, before, _, _, wanted, _, _ = self._arguments
        for _ in range(_ROUNDS):
            if not self._take(self._mistakes()):
                break
        for _ in range(_ROUNDS):
            pods = _pods(self.judged)
            found = sorted(wanted(self.judged), key=lambda finding: finding.check not in MISTAKES)
            findings = [*found, *self._without_effect()]
            planned = plan_changes(self.value, pods, findings, partial(self._makes, pods))
            planned += self._users(before, planned)
            if not (self._take(planned) or self._take(self._needed()) or self._take(self._volumes())):
                break

    def say_once(self) -> None:
        """Take back what containers would repeat after their pod."""
        value = self._arguments[0]
        changes = without_repeats(value, self.value, _pods(self.judged), self.made)
        changed = _apply(value, changes)
        if not is_same(changed, self.value):
            self.made, self.value, self.judged = changes, changed, self._arguments[3](changed)

    def without_culprit(self, worse: list[Finding]) -> "_ObjectPlan":
        """Plan anew without a change for which something would be worse; without any, if none is sure.

        Only changes to the container that it is about, or to the whole pod, can be that.
        """
        first = worse[0]
        near = [change for change in self.made if change.container in (None, first.container)]
        for change in reversed(near[-_MOST_TRIED:]):
            container = first.container if change.container is None else change.container
            plan = _ObjectPlan(*self._arguments, self._taken_back | {(change.key[0], container)})
            plan.make()
            after = _worse(self._arguments[1].findings, plan.judged.findings, plan.made)
            if first.check not in {
                finding.check for finding in after if finding.container == first.container
            }:
                return plan
        plan = _ObjectPlan(*self._arguments, self._taken_back | {change.key for change in self.made})
        plan.make()
        return plan

    def _mistakes(self) -> list[PlannedChange]:
        mended = (change for _, change in self._mended_fields())
        return [one for one in mended if isinstance(one, PlannedChange) and self._allows(one)]

    def unmended(self) -> Iterator[tuple[Route, Unmended]]:
        """Say of the mistakes that are left why they are."""
        for route, one in self._mended_fields():
            if isinstance(one, Unmended):
                yield route, one

    def _mended_fields(self) -> Iterable[tuple[Route, PlannedChange | Unmended]]:
        findings = self._arguments[4](self.judged)
        return self._arguments[5](self.value, findings, _pods(self.judged)).items() if findings else ()

    def _without_effect(self) -> list[Finding]:
        """Give what the changes so far have made pointless, of what was there before."""
        if not self.made:
            return []
        value = self._arguments[0]
        return [
            finding
            for finding in self._worse()
            if finding.fix is not None
            and all(value_at(value, edit.route) is not None for edit in finding.fix.edits)
        ]

    def _worse(self) -> list[Finding]:
        return _worse(self._arguments[1].findings, self.judged.findings)

    def _needed(self) -> list[PlannedChange]:
        """Keep open what the changes so far would close: a start by the program's file, and low ports."""
        closed = {one.container for one in self._worse() if one.check == LOW_PORT and one.container}
        changes = [
            change
            for pod in _pods(self.judged)
            for change in (
                *plan_needed_capabilities(self.value, pod, self._dropped()),
                *plan_ports(self.value, pod, closed),
            )
        ]
        return [change for change in changes if self._allows(change)]

    def _dropped(self) -> set[Route]:
        """Give the places of the containers whose capabilities the changes so far drop."""
        return {
            edit.route[:-3]
            for change in self.made
            for edit in change.edits
            if edit.route[-2:] == ("capabilities", "drop")
        }

    def _volumes(self) -> list[PlannedChange]:
        """Make root file systems read-only where that was asked for, and add volumes that trials lacked."""
        value, seen = self.value, self._arguments[2].tried.written
        for pod in _written_out(self.value, self.judged):
            changes = list(plan_read_only(value, pod, self._arguments[6], seen))
            changes = [change for change in changes if self._allows(change)]
            sealed = {change.container for change in changes}
            rest = {container: one for container, one in seen.items() if container not in sealed}
            value = _apply(value, changes)
            changes += (change for change in plan_volumes(value, pod, rest) if self._allows(change))
            if changes:
                return changes
        return []

    def _users(self, before: Judged, planned: list[PlannedChange]) -> list[PlannedChange]:
        """Give users to containers that need one when what is planned is made, too."""
        made, value = [*self.made, *planned], _apply(self.value, planned)
        concerned = {change.container for change in made if _concerns_users(change)}
        touched = {
            place
            for pod in _pods(before)
            for reference, place in zip(pod.containers, pod.places, strict=True)
            if None in concerned or reference in concerned
        }
        named, options = before.object, self._arguments[2]
        owner = (named.namespace or "", named.kind or "", named.name or "")
        return [
            change
            for pod in _pods(self.judged)
            for change in plan_users(
                value, foresee_users(pod, value), owner, touched, options.uids, options.tried.users
            )
            if self._allows(change)
        ]

    def _allows(self, change: PlannedChange) -> bool:
        return change.kind in self._arguments[2].kinds and change.key not in self._taken_back

    def _makes(self, pods: list[PodToFix], change: PlannedChange) -> bool:
        return self._allows(change) and not _starts_no_more(change, pods, self._arguments[2])

    def _take(self, changes: list[PlannedChange]) -> bool:
        """Make changes; says whether anything is other than it was."""
        changed = _apply(self.value, changes)
        if is_same(changed, self.value):
            return False
        self.made += changes
        self.value, self.judged = changed, self._arguments[3](changed)
        return True


def _pods(judged: Judged) -> list[PodToFix]:
    return [
        PodToFix((*pod.route, "spec"), pod.containers, pod.places, pod.processes, pod.start)
        for pod in judged.pods
    ]


def _written_out(value: Any, judged: Judged) -> list[PodToFix]:
    """Give the pods that are known to have volumes: not those of custom resources, nor pieces of pods."""
    whole = {(*pod.route, "spec") for pod in judged.pods if not pod.found_by_shape}
    pods = (pod for pod in _pods(judged) if pod.spec in whole and isinstance(value, dict))
    return [pod for pod in pods if value.get("apiVersion") and value_at(value, (*pod.spec, "containers"))]


def _apply(value: Any, changes: Iterable[PlannedChange]) -> Any:
    for change in changes:
        try:
            value = apply_edits(value, change.edits)
        except EditError:
            continue  # something of a wrong type stands there, which is a finding of its own
    return value


def _concerns_users(change: PlannedChange) -> bool:
    asks = any(edit.operation == "set" and edit.route[-1] == "runAsNonRoot" for edit in change.edits)
    return asks or bool(set(change.checks) & set(_NEEDS_USER))


def _starts_no_more(change: PlannedChange, pods: Iterable[PodToFix], options: FixOptions) -> bool:
    """Tell whether a container is known to be root, must not be, and may be given no other user."""
    if "guess" in options.kinds or "run-as-non-root" not in change.checks:
        return False
    return any(
        process.uid.value == 0
        for pod in pods
        for reference, process in zip(pod.containers, pod.processes, strict=False)
        if change.container in (None, reference)
    )


def _worse(
    before: Sequence[Finding], after: Iterable[Finding], made: Iterable[PlannedChange] = ()
) -> list[Finding]:
    """Give what is found afterwards that was not before: errors and warnings alone.

    A control names those containers first that contradict it, and others once these are mended: of a control
    only more findings than before are new. A refusal of what is written is new if its words are.
    """
    controls = _controls()
    written = {edit.route for change in made for edit in change.edits if edit.operation == "set"}
    said = {finding.message for finding in before} if written else set()
    known = Counter(_identity(finding, controls) for finding in before)
    new = []
    for finding in after:
        identity = _identity(finding, controls)
        if finding.severity is Severity.NOTE:
            continue
        about_it = (
            finding.severity is Severity.ERROR
            and finding.check not in controls
            and finding.route in written
            and finding.message not in said
        )
        if known[identity] and not about_it:
            known[identity] -= 1
        else:
            new.append(finding)
    return new


def _identity(finding: Finding, controls: frozenset[str]) -> tuple[object, ...]:
    return finding.check, None if finding.check in controls else finding.container


@cache
def _controls() -> frozenset[str]:
    return frozenset(check.id for check in pod_security_checks())
