"""Plans the changes to one object: what is found in it comes in, changes that were judged again go out.

Mistakes are mended first, since what they hide counts then. Changes are planned until nothing more can be
mended, since one may uncover another; then users are given to containers that need one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from ...edits.apply import EditError, apply_edits
from ...edits.text.same import is_same
from ...findings import ContainerRef, Finding
from ...fixes.capabilities import LOW_PORT, places_with_bind_service, plan_needed_capabilities, plan_ports
from ...fixes.change import PlannedChange, PodToFix
from ...fixes.mistakes import MISTAKES, Unmended
from ...fixes.plan import plan_changes
from ...fixes.repeats import without_repeats
from ...fixes.users import foresee_users, plan_users
from ...fixes.volumes import plan_read_only, plan_volumes
from ...manifest.route import Route, value_at
from ..judging.judge import Judged
from .mistakes import Mended
from .options import FixOptions
from .worse import find_worse

__all__ = ["FixQuestion", "ObjectPlan", "make_changes", "pods_of"]

_ROUNDS = 8
"""Plans in a row for one object; two are enough for all that checks know, and three more steps follow."""


_MOST_TRIED = 40
"""Changes of one container and its pod that are tried one by one for the one to take back."""


_NEEDS_USER = ("run-as-non-root", "run-as-user")


class FixQuestion(msgspec.Struct, frozen=True):
    """What is asked about an object, and who answers while changes to it are planned.

    `ask` judges it anew, `wanted` gives those findings that are to be mended, `mistakes` mends fields, and
    `read_only` tells whether the root file system of a container is to be read-only.
    """

    value: Any
    before: Judged
    options: FixOptions
    ask: Callable[[Any], Judged]
    wanted: Callable[[Judged], list[Finding]]
    mistakes: Callable[[Any, Sequence[Finding], Sequence[PodToFix]], Mended]
    read_only: Callable[[ContainerRef, Route], bool]


class ObjectPlan:
    """Changes in their making; `taken_back` are the texts of those that are not made."""

    def __init__(self, question: FixQuestion, taken_back: frozenset[tuple[object, ...]]) -> None:
        self._question = question
        self._taken_back = taken_back
        self.value, self.judged = question.value, question.before
        self.made: list[PlannedChange] = []

    def make(self) -> None:
        """Plan until nothing more can be mended."""
        wanted, before = self._question.wanted, self._question.before
        for _ in range(_ROUNDS):
            if not self._take(self._mistakes()):
                break
        for _ in range(_ROUNDS):
            pods = pods_of(self.judged)
            found = sorted(wanted(self.judged), key=lambda finding: finding.check not in MISTAKES)
            findings = [*found, *self._without_effect()]
            planned = plan_changes(self.value, pods, findings, partial(self._makes, pods))
            planned += self._users(before, planned)
            if not (self._take(planned) or self._take(self._needed()) or self._take(self._volumes())):
                break

    def say_once(self) -> None:
        """Take back what containers would repeat after their pod."""
        value = self._question.value
        changes = without_repeats(value, self.value, pods_of(self.judged), self.made)
        if changes != self.made:
            self.made, self.value = changes, make_changes(value, changes)
            self.judged = self._question.ask(self.value)

    def without_culprit(self, worse: list[Finding]) -> "ObjectPlan":
        """Plan anew without a change for which something would be worse; without any, if none is sure.

        Only changes to the container that it is about, or to the whole pod, can be that.
        """
        first = worse[0]
        near = [change for change in self.made if change.container in (None, first.container)]
        for change in reversed(near[-_MOST_TRIED:]):
            plan = self._without(self._keys(change, first.container))
            after = find_worse(self._question.before.findings, plan.judged.findings, plan.made)
            if first.check not in {
                finding.check for finding in after if finding.container == first.container
            }:
                return plan
        return self._without({key for change in self.made for key in self._keys(change)})

    def _keys(
        self, change: PlannedChange, container: ContainerRef | None = None
    ) -> set[tuple[str, ContainerRef | None]]:
        """Give what a change is known by; one at the pod may be what its containers, or one, would say."""
        if change.container is not None:
            return {change.key}
        pods = pods_of(self.judged)
        containers = [container] if container else [one for pod in pods for one in pod.containers]
        return {change.key, *((change.key[0], one) for one in containers)}

    def _without(self, keys: set[tuple[str, ContainerRef | None]]) -> "ObjectPlan":
        """Plan anew without changes that are known by these keys."""
        plan = ObjectPlan(self._question, self._taken_back | keys)
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
        findings = self._question.wanted(self.judged)
        return self._question.mistakes(self.value, findings, pods_of(self.judged)).items() if findings else ()

    def _without_effect(self) -> list[Finding]:
        """Give what the changes so far have made pointless, of what was there before."""
        value = self._question.value
        return [
            finding
            for finding in self._worse()
            if finding.fix is not None
            and all(value_at(value, edit.route) is not None for edit in finding.fix.edits)
        ]

    def _worse(self) -> list[Finding]:
        return find_worse(self._question.before.findings, self.judged.findings)

    def _needed(self) -> list[PlannedChange]:
        """Keep open what the changes so far would close: a start by the program's file, and low ports."""
        closed = {one.container for one in self._worse() if one.check == LOW_PORT}
        had = {place for pod in pods_of(self._question.before) for place in places_with_bind_service(pod)}
        changes = [
            change
            for pod in pods_of(self.judged)
            for change in (
                *plan_needed_capabilities(self.value, pod, had),
                *plan_ports(self.value, pod, closed),
            )
        ]
        return [change for change in changes if self._allows(change)]

    def _volumes(self) -> list[PlannedChange]:
        """Make root file systems read-only where that was asked for, and add volumes that trials lacked."""
        value, seen = self.value, self._question.options.tried.written
        for pod in _written_out(self.value, self.judged):
            changes = list(plan_read_only(value, pod, self._question.read_only, seen, self._allows))
            sealed = {change.container for change in changes}
            rest = {container: one for container, one in seen.items() if container not in sealed}
            value = make_changes(value, changes)
            changes += plan_volumes(value, pod, rest, self._allows)
            if changes:
                return changes
        return []

    def _users(self, before: Judged, planned: list[PlannedChange]) -> list[PlannedChange]:
        """Give users to containers that need one when what is planned is made, too."""
        made, value = [*self.made, *planned], make_changes(self.value, planned)
        concerned = {change.container for change in made if _concerns_users(change)}
        touched = {
            place
            for pod in pods_of(before)
            for reference, place in zip(pod.containers, pod.places, strict=True)
            if None in concerned or reference in concerned
        }
        named, options = before.object, self._question.options
        owner = (named.namespace or "", named.kind or "", named.name or "")
        return [
            change
            for pod in pods_of(self.judged)
            for change in plan_users(
                value, foresee_users(pod, value), owner, touched, options.uids, options.tried.users
            )
            if self._allows(change)
        ]

    def _allows(self, change: PlannedChange) -> bool:
        return change.kind in self._question.options.kinds and change.key not in self._taken_back

    def _makes(self, pods: list[PodToFix], change: PlannedChange) -> bool:
        return self._allows(change) and not _starts_no_more(change, pods, self._question.options)

    def _take(self, changes: list[PlannedChange]) -> bool:
        """Make changes; says whether anything is other than it was."""
        changed = make_changes(self.value, changes)
        if is_same(changed, self.value):
            return False
        self.made += changes
        self.value, self.judged = changed, self._question.ask(changed)
        return True


def pods_of(judged: Judged) -> list[PodToFix]:
    """Give the pods of an object as changes to it are planned."""
    return [
        PodToFix((*pod.route, "spec"), pod.containers, pod.places, pod.processes, pod.start)
        for pod in judged.pods
    ]


def _written_out(value: Any, judged: Judged) -> list[PodToFix]:
    """Give the pods that are known to have volumes: not those of custom resources, nor pieces of pods."""
    whole = {(*pod.route, "spec") for pod in judged.pods if not pod.found_by_shape}
    pods = (pod for pod in pods_of(judged) if pod.spec in whole)
    return [pod for pod in pods if pod.holds(value) and value.get("apiVersion")]


def make_changes(value: Any, changes: Iterable[PlannedChange]) -> Any:
    """Return the value with the edits of changes made, but for those that cannot be."""
    changes = list(changes)
    edits = [edit for change in changes for edit in change.edits]
    if not edits:
        return value
    with suppress(EditError):  # nearly always; else one change after the other
        return apply_edits(value, edits)
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
