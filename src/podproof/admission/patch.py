"""Edits applied to a plain object, and written as a JSON patch of it.

Edits come in; a new object, or the operations of RFC 6902, go out. Parents that do not exist are made. The
object that comes in is never changed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ..findings import Edit
from ..manifest.route import Route

__all__ = ["apply_edits", "json_patch"]


def apply_edits(object_: Mapping[str, Any], edits: Iterable[Edit]) -> dict[str, Any]:
    """Return the object with the edits made, in order; what they do not touch is shared with the old one."""
    edited = dict(object_)
    copied: dict[int, Any] = {}
    for edit in edits:
        parent: Any = edited
        for key in edit.route[:-1]:
            parent = _child(parent, key, copied)
        last = edit.route[-1]
        if edit.operation == "set":
            parent[last] = edit.value
        elif isinstance(parent, dict):
            parent.pop(last, None)
        else:
            del parent[last]
    return edited


def _child(parent: Any, key: Any, copied: dict[int, Any]) -> Any:
    """Return a container's child as one that may be changed, made or copied where needed."""
    child = parent[key] if isinstance(parent, list) else parent.get(key)
    if child is None:
        child = {}
    elif id(child) in copied:
        return child
    else:
        child = dict(child) if isinstance(child, Mapping) else list(child)
    copied[id(child)] = child
    parent[key] = child
    return child


def json_patch(object_: Mapping[str, Any], edits: Iterable[Edit]) -> tuple[dict[str, Any], ...]:
    """Write the edits as a JSON patch that applies to the object as it is, absent parents and all."""
    operations: list[dict[str, Any]] = []
    current: dict[str, Any] = dict(object_)
    for edit in edits:
        made: list[Edit] = []
        at: Any = current
        for depth, key in enumerate(edit.route[:-1]):
            at = _get(at, key)
            if at is None:
                made.append(Edit(edit.route[: depth + 1], "set", {}))
                at = {}
        for step in (*made, edit):
            existing = _get(_find(current, step.route[:-1]), step.route[-1])
            path = _pointer(step.route)
            if step.operation == "remove":
                if existing is not None:
                    operations.append({"op": "remove", "path": path})
            else:
                word = "add" if existing is None else "replace"
                operations.append({"op": word, "path": path, "value": step.value})
            current = apply_edits(current, [step])
    return tuple(operations)


def _get(container: Any, key: str | int) -> Any:
    if isinstance(container, Mapping):
        return container.get(key)
    if isinstance(container, list | tuple) and isinstance(key, int) and key < len(container):
        return container[key]
    return None


def _find(object_: Mapping[str, Any], route: Route) -> Any:
    at: Any = object_
    for key in route:
        at = _get(at, key)
    return at


def _pointer(route: Route) -> str:
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in route)
