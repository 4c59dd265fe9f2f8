"""Changes that mend findings by the edits which their checks know: each at its container, or once at the pod.

What all containers of a pod would say alike is written at the pod where that takes no more lines.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from ..edits.edit import Edit
from ..findings import ContainerRef, Finding
from ..manifest.route import Route, value_at
from .change import ChangeKind, PlannedChange, PodToFix
from .words import what_of

__all__ = ["SHARED", "place_of", "plan_changes"]

SHARED = ("runAsNonRoot", "seccompProfile")
"""Fields of a container's security context that the pod's has, too, and that mean the same for all."""


def plan_changes(
    value: Any, pods: Sequence[PodToFix], findings: Iterable[Finding], allows: Callable[[PlannedChange], bool]
) -> list[PlannedChange]:
    """Give the changes that mend those of an object's findings that can be mended, in their order.

    What several findings ask for is one change, with the words of the first. `allows` is asked about each at
    its container, before any is written at the pod for all.
    """
    found: dict[Any, PlannedChange] = {}  # by what is edited
    for finding in findings:
        if finding.fix is None:
            continue
        key = _key(finding.fix.edits)
        if key in found:
            found[key] = _mending(found[key], (finding.check,))
            continue
        kind: ChangeKind = "same" if finding.fix.safe else "tighter"
        place = place_of(finding.container, finding.route, pods)
        what = what_of(finding.fix.edits, place)
        found[key] = PlannedChange(
            kind, finding.fix.edits, what, finding.message, (finding.check,), finding.container
        )
    changes = [change for change in found.values() if allows(change)]
    for pod in pods:
        if pod.holds(value):
            changes = _at_pod(value, pod, changes)
    return changes


def _key(edits: tuple[Edit, ...]) -> Any:
    return tuple((edit.route, edit.operation, repr(edit.value)) for edit in edits)


def _mending(change: PlannedChange, checks: Iterable[str]) -> PlannedChange:
    """Give the change as one that mends the findings of these checks, too."""
    return msgspec.structs.replace(change, checks=tuple(dict.fromkeys((*change.checks, *checks))))


def place_of(container: ContainerRef | None, route: Route, pods: Sequence[PodToFix]) -> Route:
    """Give what a change's words are counted from: its container, or the pod's spec."""
    for pod in pods:
        for reference, place in zip(pod.containers, pod.places, strict=True):
            if reference == container and route[: len(place)] == place:
                return place
    return next((pod.spec for pod in pods if route[: len(pod.spec)] == pod.spec), ())


def _at_pod(value: Any, pod: PodToFix, changes: list[PlannedChange]) -> list[PlannedChange]:
    """Write what all containers of a pod want once, at the pod, where that takes no more lines."""
    context = (*pod.spec, "securityContext")
    at_pod = value_at(value, context)
    if at_pod is not None and not isinstance(at_pod, dict):
        return changes
    shared: dict[str, dict[Route, PlannedChange]] = {}
    for name in SHARED:
        wanted = _wanted(pod, name, changes)
        agrees = wanted and all(
            place in wanted or _written(value, place, name) == _value_of(wanted) for place in pod.places
        )
        if agrees and (at_pod or {}).get(name) in (None, _value_of(wanted)):
            shared[name] = wanted
    # a field that one container wants and the others have takes no fewer lines at the pod, nor more, unless
    # the pod's context is made for it
    saves = any(len(wanted) > 1 for wanted in shared.values())
    if len(pod.places) < 2 or not (at_pod or saves):
        return changes
    gone = {id(change) for wanted in shared.values() for change in wanted.values()}
    kept = [change for change in changes if id(change) not in gone]
    for name, wanted in shared.items():
        one = next(iter(wanted.values()))
        edits = [
            Edit((*place, "securityContext", name), "remove")
            for place in wanted
            if _written(value, place, name) is not None
        ]
        edits.append(Edit((*context, name), "set", _value_of(wanted)))
        why = f"all {len(pod.places)} containers would say the same"
        at_once = PlannedChange(one.kind, tuple(edits), what_of(edits[-1:], pod.spec), why, one.checks)
        kept.append(_mending(at_once, (check for change in wanted.values() for check in change.checks)))
    return kept


def _wanted(pod: PodToFix, name: str, changes: Iterable[PlannedChange]) -> dict[Route, PlannedChange]:
    """Find the containers of a pod for which a field is to be set, and nothing else with it."""
    routes = {(*place, "securityContext", name): place for place in pod.places}
    return {
        routes[change.edits[0].route]: change
        for change in changes
        if len(change.edits) == 1 and change.edits[0].operation == "set" and change.edits[0].route in routes
    }


def _value_of(wanted: dict[Route, PlannedChange]) -> Any:
    return next(iter(wanted.values())).edits[0].value


def _written(value: Any, place: Route, name: str) -> Any:
    return value_at(value, (*place, "securityContext", name))
