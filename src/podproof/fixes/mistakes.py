"""Mends fields that Kubernetes does not know: a misspelt one is renamed, a misplaced one moved.

What the decoder says of an unknown field comes in with the object, a change to it goes out, or why there is
none. A field that was ignored takes effect once it is mended: what would then give a process more than it has
is left to a person, and so is what could have been meant in more than one way.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from ..edits.edit import Edit
from ..edits.text.same import is_same
from ..kube.decode import Problem
from ..kube.misplaced import LegalPlace, diagnose
from ..manifest.route import Route, format_route, value_at
from .change import ChangeKind, PlannedChange
from .loosening import MORE_OR_LESS, ONLY_ON_LINUX, loosens
from .words import counted, renaming

__all__ = ["MISTAKES", "UNKNOWN_FIELD", "Unmended", "mend_unknown_field", "without_contradictions"]

UNKNOWN_FIELD = "unknown-field"
"""The check that finds these mistakes."""

MISTAKES = frozenset((UNKNOWN_FIELD, "localhost-prefix", "seccomp-annotation-ignored", "unknown-capability"))
"""Checks whose findings are mended whatever their severity: what somebody wrote is ignored in silence."""

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


class Unmended(msgspec.Struct, frozen=True):
    """Says why a mistake is left to a person, and what that person can do."""

    why: str


def mend_unknown_field(
    value: Any,
    problem: Problem,
    to_value: Callable[[Route], Route],
    place: Route = (),
    *,
    by_shape: bool = False,
) -> PlannedChange | Unmended:
    """Rename or move an unknown field of an object.

    The problem's routes are counted from what was decoded; `to_value` gives them from the object. Words of
    the change are counted from `place`. `by_shape`: the pod is in a resource whose type is not known, which
    may have more fields than pods have.
    """
    if by_shape and "securityContext" not in problem.route:
        return Unmended("the resource may have a field of that name: look it up, then rename or remove it")
    return _Mending(value, problem, to_value, place).result()


def without_contradictions(
    mended: Mapping[Route, PlannedChange | Unmended],
) -> dict[Route, PlannedChange | Unmended]:
    """Leave mistakes to a person that would write different values into one place."""
    values: dict[Route, list[Any]] = {}
    for one in mended.values():
        for edit in one.edits if isinstance(one, PlannedChange) else ():
            if edit.operation == "set":
                values.setdefault(edit.route, []).append(edit.value)
    torn = {route for route, those in values.items() if not all(is_same(those[0], one) for one in those)}
    left = dict(mended)
    for at, one in mended.items():
        for edit in one.edits if isinstance(one, PlannedChange) else ():
            if edit.route in torn:
                there = format_route(edit.route)
                left[at] = Unmended(
                    f"another field that belongs at {there} has another value: keep one of them"
                )
    return left


class _Mending:
    """One unknown field in its object."""

    def __init__(
        self, value: Any, problem: Problem, to_value: Callable[[Route], Route], place: Route
    ) -> None:
        self._value, self._problem, self._to_value, self._place = value, problem, to_value, place
        self._written = value_at(value, to_value(problem.route))

    def result(self) -> PlannedChange | Unmended:
        diagnosis = diagnose(self._problem)
        route, name = self._problem.route, diagnosis.suggestion
        if diagnosis.kind == "unknown":
            return Unmended("no field has a name like it: remove it, or write the field that was meant")
        if diagnosis.rivals:
            names = " and ".join((name, *diagnosis.rivals))
            return Unmended(f"{names} are equally near: write the one that is meant")
        targets: list[Route] | Unmended
        if diagnosis.kind == "spelling":
            targets = [(*route[:-1], name)]
        elif len(diagnosis.places) > 1:
            shown = " or ".join(dict.fromkeys(place.shown for place in diagnosis.places))
            return Unmended(f"it could stand {shown}: move it to the one that is meant")
        else:
            targets = self._targets(diagnosis.places[0])
        if isinstance(targets, Unmended):
            return targets
        if self._written is None:
            return self._change("same", [], "it has no value")
        if name in ONLY_ON_LINUX and self._is_for_windows():
            return self._change("same", [], "Windows has no such setting")
        return self._write(targets, name)

    def _write(self, targets: list[Route], name: str) -> PlannedChange | Unmended:
        """Write the value where nothing stands yet; what a container says for itself stays."""
        free = [target for target in targets if self._at(target) is None]
        other = [target for target in targets if self._at(target) not in (None, self._written)]
        if len(targets) == 1 and other:
            there = format_route(self._to_value(targets[0]))
            return Unmended(f"{there} has another value: keep one of them")
        if not free:
            return self._change("same", [], "what it says is written where it has an effect")
        if any(loosens(name, self._written, self._beside(target)) for target in free):
            return Unmended(
                f"{name} does nothing here and would give the process more where it has an effect: "
                "move it there only if that is wanted, else remove it"
            )
        if any(not self._has_parent(target) for target in free):
            return Unmended("the part that it belongs to is not written here: add it there")
        kind: ChangeKind = "guess" if name in MORE_OR_LESS else "tighter"
        return self._change(kind, free, "it was ignored, and takes effect now")

    def _targets(self, place: LegalPlace) -> list[Route] | Unmended:
        """Give the routes at which the field is to be written: one, or one for each container."""
        routes: list[Route] = [place.route[: place.fixed]]
        steps = place.route[place.fixed :]
        for number, step in enumerate(steps):
            if not isinstance(step, int):
                routes = [(*route, step) for route in routes]
                continue
            owner = steps[number - 1]
            for_all = owner in _CONTAINERS and steps[number + 1 : number + 2] == ("securityContext",)
            if for_all:
                routes = [item for route in routes for item in self._containers(route[:-1])]
            else:
                routes = [(*route, index) for route in routes for index in range(self._length(route))]
            if not routes:
                return Unmended(f"there are no {owner} to move it to: add it where they are written")
            if len(routes) > 1 and not for_all:
                return Unmended(f"there are {len(routes)} {owner}: move it to the one that is meant")
        return routes

    def _containers(self, spec: Route) -> Iterator[Route]:
        for kind in _CONTAINERS:
            for index in range(self._length((*spec, kind))):
                yield (*spec, kind, index)

    def _length(self, route: Route) -> int:
        there = self._at(route)
        return len(there) if isinstance(there, list) else 0

    def _beside(self, target: Route) -> dict[str, Any]:
        """Give what holds at a place without the field: what stands there, and the pod's settings."""
        number = next((i for i, step in enumerate(target) if step in _CONTAINERS), None)
        above = self._at((*target[:number], "securityContext")) if number is not None else None
        here = self._at(target[:-1])
        return {**(above if isinstance(above, dict) else {}), **(here if isinstance(here, dict) else {})}

    def _has_parent(self, target: Route) -> bool:
        """Tell whether the object has the container, or the spec, in which the field is to be written."""
        if self._to_value(target)[-1:] != target[-1:]:
            return False  # a fragment has no place for it
        ends = range(len(target) - 1, 0, -1)
        holders = (end for end in ends if isinstance(target[end - 1], int) or target[end - 1] == "spec")
        return isinstance(self._at(target[: next(holders, 0)]), dict)

    def _is_for_windows(self) -> bool:
        route = self._problem.route
        for end in range(len(route), -1, -1):
            name = self._at((*route[:end], "os", "name"))
            if name is not None:
                return bool(name == "windows")
        return False

    def _at(self, route: Route) -> Any:
        return value_at(self._value, self._to_value(route))

    def _change(self, kind: ChangeKind, targets: list[Route], why: str) -> PlannedChange:
        old = self._to_value(self._problem.route)
        new = [self._to_value(target) for target in targets]
        edits = (Edit(old, "remove"), *(Edit(route, "set", self._written) for route in new))
        message = f"{old[-1]} is not a field here: {why}"
        return PlannedChange(kind, edits, _what(old, new, self._place), message, (UNKNOWN_FIELD,))


def _what(old: Route, new: list[Route], place: Route) -> str:
    """Say where a field goes; many places have the steps that they share."""
    if not new:
        return f"remove {counted(old, place)}"
    first, *others = new
    if not others:
        return renaming(old, first, place)
    number = next(i for i, step in enumerate(first) if step in _CONTAINERS)
    return f"move {counted(old, place)} to every container's {format_route(first[number + 2 :])}"
