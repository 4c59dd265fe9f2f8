"""Mends fields that a PodSecurityPolicy does not know; what it allows is never decided here.

A finding about a policy comes in, a change goes out, or why there is none.
"""

from difflib import get_close_matches
from typing import Any

from ..checks.unknown_field import POLICY_SPEC
from ..edits.edit import Edit
from ..edits.text.same import is_same
from ..manifest.route import Route, format_route, value_at
from .change import PlannedChange
from .mistakes import UNKNOWN_FIELD, Unmended
from .words import renaming

__all__ = ["mend_policy_field"]

_WHY = "{} was ignored, and the policy is another one with it: confirm that it is meant"


def mend_policy_field(value: Any, route: Route) -> PlannedChange | Unmended:
    """Rename an unknown field of a policy's spec, or move one that stands beside the spec into it.

    One that says what is written in the right place goes.
    """
    key = str(route[-1])
    if len(route) == 1 and key in POLICY_SPEC:
        name = key
    elif len(route) == 2:
        near = get_close_matches(key, POLICY_SPEC)
        if not near:
            return Unmended("no field has a name like it: remove it, or write the field that was meant")
        name = near[0]
    else:
        return Unmended("a policy has no such field: remove it, or write the field that was meant")
    spec = value.get("spec")
    if not isinstance(spec, dict):
        return Unmended("the policy has no spec to move it to: add it there")
    target = ("spec", name)
    written, there = value_at(value, route), spec.get(name)
    if there is None:
        edits = (Edit(route, "remove"), Edit(target, "set", written))
        return PlannedChange("guess", edits, renaming(route, target), _WHY.format(key), (UNKNOWN_FIELD,))
    if not is_same(there, written):
        return Unmended(f"spec.{name} has another value: keep one of them")
    why = f"spec.{name} says the same, and has an effect"
    return PlannedChange(
        "same", (Edit(route, "remove"),), f"remove {format_route(route)}", why, (UNKNOWN_FIELD,)
    )
