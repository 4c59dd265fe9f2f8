"""Edits written as a JSON Patch.

An object and its edits come in; the operations of RFC 6902 that make the same changes go out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ..manifest.route import Route
from .apply import ABSENT, apply_edits, child_at
from .edit import Edit

__all__ = ["json_patch"]


def json_patch(object_: Mapping[str, Any], edits: Iterable[Edit]) -> tuple[dict[str, Any], ...]:
    """Write the edits as operations that apply to the object as it is: each absent parent is added first.

    `op` is `add`, `replace` or `remove`; a field that holds null counts as absent and is added. Raises
    EditError as `apply_edits` does.
    """
    operations: list[dict[str, Any]] = []
    current: dict[str, Any] = dict(object_)
    for edit in edits:
        for step in _steps(current, edit):
            operations += _operations(current, step)
            current = apply_edits(current, [step])
    return tuple(operations)


def _steps(object_: Mapping[str, Any], edit: Edit) -> list[Edit]:
    """Put an edit for each mapping that has to be made first in front of the edit."""
    steps = []
    parent: Any = object_
    for depth in range(len(edit.route) - 1):
        parent = child_at(parent, edit, depth)
        if parent is ABSENT or parent is None:
            if edit.operation == "remove":
                return []
            steps.append(Edit(edit.route[: depth + 1], "set", {}))
            parent = {}
    return [*steps, edit]


def _operations(object_: Mapping[str, Any], edit: Edit) -> list[dict[str, Any]]:
    parent: Any = object_
    for depth in range(len(edit.route) - 1):
        parent = child_at(parent, edit, depth)
    old = child_at(parent, edit, len(edit.route) - 1) if edit.route else ABSENT
    path = _pointer(edit.route)
    if edit.operation == "remove":
        return [] if old is ABSENT else [{"op": "remove", "path": path}]
    # Adding at an index would insert before what is there, even where that is null.
    adds = old is ABSENT or (old is None and isinstance(parent, Mapping))
    return [{"op": "add" if adds else "replace", "path": path, "value": edit.value}]


def _pointer(route: Route) -> str:
    """Write a route as a JSON Pointer. Source: RFC 6901, section 4."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in route)
