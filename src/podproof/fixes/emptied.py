"""Mappings that changes have emptied: they go with the change that removed the last of what stood there."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ..edits.edit import Edit
from ..manifest.route import Route, value_at
from .change import PlannedChange

__all__ = ["without_emptied"]

_MEAN_NOTHING = frozenset(("annotations", "capabilities", "securityContext", "windowsOptions"))
"""Mappings that say the same where they are empty as where they are absent.

seLinuxOptions are none of them: a container's, even empty, replace those of the pod.
"""


def without_emptied(before: Any, after: Any, changes: Sequence[PlannedChange]) -> list[PlannedChange]:
    """Let the changes that turn the object `before` into `after` remove what is empty then and was not.

    Each goes with the last of the changes that take something out of it, which all the others still find.
    """
    last = {route: number for number, change in enumerate(changes) for route in _above(change)}
    removals: dict[int, list[Edit]] = {}
    gone: set[Route] = set()
    for route in sorted(last, key=len, reverse=True):  # what stands in another goes before it
        there = value_at(after, route)
        if (
            value_at(before, route)
            and isinstance(there, dict)
            and all((*route, key) in gone for key in there)
        ):
            gone.add(route)
            removals.setdefault(last[route], []).append(Edit(route, "remove"))
    return [
        msgspec.structs.replace(change, edits=(*change.edits, *removals.get(number, ())))
        for number, change in enumerate(changes)
    ]


def _above(change: PlannedChange) -> Iterator[Route]:
    """Give the mappings that a change may empty."""
    for edit in change.edits:
        route = edit.route[:-1] if edit.operation == "remove" else ()
        while route and route[-1] in _MEAN_NOTHING:
            yield route
            route = route[:-1]
