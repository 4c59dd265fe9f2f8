"""Takes back what containers would repeat after their pod: changes come in, those that say it once go out.

A container that contradicted its pod says nothing then; what was wrong is removed, not written anew.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from ..edits.edit import Edit
from ..manifest.route import Route, value_at
from .change import PlannedChange, PodToFix
from .plan import SHARED, place_of
from .words import what_of

__all__ = ["without_repeats"]


def without_repeats(
    before: Any, after: Any, pods: Sequence[PodToFix], changes: Iterable[PlannedChange]
) -> list[PlannedChange]:
    """Give the changes that make `after` of `before`, without what a container would say as its pod does.

    Only changes that do nothing but set such a field are looked at.
    """
    repeated = {
        (*place, "securityContext", name)
        for pod in pods
        for name in SHARED
        if (said := value_at(after, (*pod.spec, "securityContext", name))) is not None
        for place in pod.places
        if value_at(after, (*place, "securityContext", name)) == said
    }
    kept: list[PlannedChange] = []
    for change in changes:
        route = _only_set(change)
        if route is None or route not in repeated:
            kept.append(change)
        elif value_at(before, route) is not None:
            edits = (Edit(route, "remove"),)
            what = what_of(edits, place_of(change.container, route, pods))
            kept.append(msgspec.structs.replace(change, edits=edits, what=what))
    return kept


def _only_set(change: PlannedChange) -> Route | None:
    if len(change.edits) != 1 or change.edits[0].operation != "set":
        return None
    return change.edits[0].route
