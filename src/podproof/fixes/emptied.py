"""Mappings that changes have emptied: they go with the change that removed the last of what stood there."""

from collections.abc import Sequence
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
    """Let the changes that turn the object `before` into `after` remove what is empty then and was not."""
    cleaned = list(changes)
    gone: set[Route] = set()
    for position in range(len(cleaned) - 1, -1, -1):
        change = cleaned[position]
        removals = []
        for edit in change.edits:
            route = edit.route[:-1]
            while edit.operation == "remove" and _is_emptied(before, after, route, gone):
                gone.add(route)
                removals.append(Edit(route, "remove"))
                route = route[:-1]
        if removals:
            cleaned[position] = msgspec.structs.replace(change, edits=(*change.edits, *removals))
    return cleaned


def _is_emptied(before: Any, after: Any, route: Route, gone: set[Route]) -> bool:
    if not route or route[-1] not in _MEAN_NOTHING or route in gone or not value_at(before, route):
        return False
    there = value_at(after, route)
    return isinstance(there, dict) and all((*route, key) in gone for key in there)
