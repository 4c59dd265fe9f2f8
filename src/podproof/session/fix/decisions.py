"""What was decided about an object, as results have it: changes come in, each with its patch and its text.

Nothing is decided here.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from ...edits.apply import EditError
from ...edits.json_patch import patched
from ...edits.text.spans import TextEdit
from ...fixes.change import PlannedChange
from ...manifest.route import Route
from ...results.fixed import FixDecision, PatchOperation

__all__ = ["AppliedChange", "WrittenEdit", "WrittenEdits", "applied_changes", "decision_of"]

WrittenEdit = tuple[int, TextEdit]
"""The 1-based number of a document, and an edit of its text."""


class WrittenEdits:
    """The edits of a file's text, which are found by what they write; they count from 0."""

    def __init__(self, written: Iterable[WrittenEdit]) -> None:
        self._at: dict[tuple[int, Route], list[int]] = {}
        self._below: dict[tuple[int, Route], list[int]] = {}
        for number, (document, edit) in enumerate(written):
            for route in edit.routes:
                self._at.setdefault((document, route), []).append(number)
                for depth in range(len(route) + 1):
                    self._below.setdefault((document, route[:depth]), []).append(number)

    def concerning(self, document: int, routes: Iterable[Route]) -> tuple[int, ...]:
        """Give the edits that write something in one of the places of a document, or around it."""
        found: set[int] = set()
        for route in routes:
            found.update(self._below.get((document, route), ()))
            for depth in range(len(route)):
                found.update(self._at.get((document, route[:depth]), ()))
        return tuple(sorted(found))


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
            operations, value = patched(value, change.edits)
        except EditError:
            continue
        if operations:
            applied.append(AppliedChange(change, tuple(PatchOperation(**one) for one in operations)))
    return tuple(applied)


def decision_of(applied: AppliedChange, document: int, base: Route, written: WrittenEdits) -> FixDecision:
    """Say what was decided; the object stands at `base` of a document, whose file is written so."""
    change = applied.change
    return FixDecision(
        change.container,
        change.kind,
        change.what,
        change.why,
        change.checks,
        applied.patch,
        written.concerning(document, (base + edit.route for edit in change.edits)),
        change.shown,
    )
