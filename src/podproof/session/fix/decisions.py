"""What was decided about an object, as results have it: changes come in, each with its patch and its text.

Nothing is decided here.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from ...edits.apply import EditError, apply_edits
from ...edits.json_patch import json_patch
from ...edits.text.spans import TextEdit
from ...fixes.change import PlannedChange
from ...manifest.route import Route
from ...results.fixed import FixDecision, PatchOperation

__all__ = ["AppliedChange", "WrittenEdit", "applied_changes", "decision_of"]

WrittenEdit = tuple[int, TextEdit]
"""The 1-based number of a document, and an edit of its text."""


class AppliedChange(msgspec.Struct, frozen=True):
    """A change that was made, with what it does to the object as those before have left it."""

    change: PlannedChange
    patch: tuple[PatchOperation, ...]


def applied_changes(value: Any, changes: Iterable[PlannedChange]) -> tuple[AppliedChange, ...]:
    """Make the changes one after the other, and give those that do something.

    A change that finds something of a wrong type in its way does nothing: that is a finding of its own.
    """
    applied = []
    for change in changes:
        try:
            operations = json_patch(value, change.edits)
            value = apply_edits(value, change.edits)
        except EditError:
            continue
        if operations:
            applied.append(AppliedChange(change, tuple(PatchOperation(**one) for one in operations)))
    return tuple(applied)


def decision_of(
    applied: AppliedChange, document: int, base: Route, written: Sequence[WrittenEdit]
) -> FixDecision:
    """Say what was decided; the object stands at `base` of a document, whose file is written so."""
    change = applied.change
    routes = [base + edit.route for edit in change.edits]
    return FixDecision(
        change.container,
        change.kind,
        change.what,
        change.why,
        change.checks,
        applied.patch,
        tuple(
            number
            for number, (where, edit) in enumerate(written)
            if where == document and any(_concern(made, route) for made in edit.routes for route in routes)
        ),
        change.shown,
    )


def _concern(one: Route, other: Route) -> bool:
    """Tell whether one of two places lies in the other."""
    depth = min(len(one), len(other))
    return one[:depth] == other[:depth]
