"""Edits written as a JSON Patch.

An object and its edits come in; the operations of RFC 6902 that make the same changes go out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ..manifest.route import Route
from .apply import ABSENT, EditedCopy, child_at
from .edit import Edit

__all__ = ["json_patch", "patched"]


def json_patch(object_: Mapping[str, Any], edits: Iterable[Edit]) -> tuple[dict[str, Any], ...]:
    """Write the edits as operations that apply to the object as it is: each absent parent is added first.

    `op` is `add`, `replace` or `remove`; a field that holds null counts as absent and is added. Raises
    EditError as `apply_edits` does.
    """
    return patched(object_, edits)[0]


def patched(
    object_: Mapping[str, Any], edits: Iterable[Edit]
) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """Give the operations as `json_patch` does, and the object with the edits made."""
    operations: list[dict[str, Any]] = []
    copy = EditedCopy(object_)
    for edit in edits:
        operations += _operations(copy.value, edit)
        copy.make(edit)
    return tuple(operations), copy.value


def _operations(object_: Mapping[str, Any], edit: Edit) -> list[dict[str, Any]]:
    """Write one edit, behind an operation for each mapping that has to be made first."""
    operations = []
    parent: Any = object_
    last = len(edit.route) - 1
    for depth in range(last):
        child = child_at(parent, edit, depth)
        if child is ABSENT or child is None:
            if edit.operation == "remove":
                return []
            operations.append(_setting(parent, child, edit.route[: depth + 1], {}))
            child = {}
        parent = child
    old = child_at(parent, edit, last) if edit.route else ABSENT
    if edit.operation == "remove":
        return [] if old is ABSENT else [{"op": "remove", "path": _pointer(edit.route)}]
    operations.append(_setting(parent, old, edit.route, edit.value))
    return operations


def _setting(parent: Any, old: Any, route: Route, value: Any) -> dict[str, Any]:
    # Adding at an index would insert before what is there, even where that is null.
    adds = old is ABSENT or (old is None and isinstance(parent, Mapping))
    return {"op": "add" if adds else "replace", "path": _pointer(route), "value": value}


def _pointer(route: Route) -> str:
    """Write a route as a JSON Pointer. Source: RFC 6901, section 4."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in route)
