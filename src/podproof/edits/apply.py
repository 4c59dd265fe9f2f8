"""Edits applied to a plain object.

A mapping comes in, an edited one goes out. The object that comes in is never changed; what the edits do not
touch is shared with it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ..errors import PodproofError
from ..manifest.route import Route, format_route
from .edit import Edit

__all__ = ["ABSENT", "EditError", "EditedCopy", "KeyOrder", "apply_edits", "child_at"]

KeyOrder = Callable[[Route, Collection[str]], str | None]
"""The route of a key that a mapping does not have, and the keys that it has → the one in front of which the
key comes; None: behind the last."""

ABSENT: Any = object()
"""Stands for a value that an object does not have; null is a value."""


class EditError(PodproofError):
    """Says which edit an object has no place for: its route passes through a string, say."""


def apply_edits(
    object_: Mapping[str, Any], edits: Iterable[Edit], order: KeyOrder | None = None
) -> dict[str, Any]:
    """Return the object with the edits made, in order; new keys come where `order` says, else behind others.

    Raises EditError: a route is empty, passes through a scalar, counts the items of a mapping, names a key
    of a list, or sets a value beyond the end of a list.
    """
    copy = EditedCopy(object_, order)
    for edit in edits:
        copy.make(edit)
    return copy.value


class EditedCopy:
    """A copy of an object that is edited step by step: `value` has the edits that were made."""

    def __init__(self, object_: Mapping[str, Any], order: KeyOrder | None = None) -> None:
        self.value = dict(object_)
        self._order = order
        # every mapping and list that was made here, by identity, so that none is copied twice
        self._copies: dict[int, Any] = {}

    def make(self, edit: Edit) -> None:
        """Make one more edit. Raises EditError as `apply_edits` does; part of the way may have been made."""
        parent: Any = self.value
        for depth in range(len(edit.route) - 1):
            parent = _own_child(parent, edit, depth, self._copies, self._order)
            if parent is None:
                return
        _change(parent, edit, self._order)


def child_at(parent: Any, edit: Edit, depth: int) -> Any:
    """Return what stands at the step `depth` of an edit's route, below `parent`; ABSENT when nothing does.

    Raises EditError: a parent of this type cannot have such a child.
    """
    key = edit.route[depth]
    # a dict is told at once: to ask whether something is a Mapping takes longer than all the rest
    if isinstance(key, str) and (parent.__class__ is dict or isinstance(parent, Mapping)):
        return parent.get(key, ABSENT)
    if isinstance(key, int) and isinstance(parent, (list, tuple)) and key >= 0:
        return parent[key] if key < len(parent) else ABSENT
    wanted = "a mapping" if isinstance(key, str) else "a list"
    raise _refusal(edit, f"{_called(edit.route[:depth])} is not {wanted}")


def _own_child(parent: Any, edit: Edit, depth: int, copies: dict[int, Any], order: KeyOrder | None) -> Any:
    """Return a child that may be changed, made or copied where needed; None: there is nothing to remove."""
    child = child_at(parent, edit, depth)
    if child is ABSENT or child is None:
        if edit.operation == "remove":
            return None
        child = {}
    elif id(child) in copies:
        return child
    elif child.__class__ is dict or isinstance(child, Mapping):
        child = dict(child)
    elif isinstance(child, (list, tuple)):
        child = list(child)
    else:
        raise _refusal(edit, f"{_called(edit.route[: depth + 1])} is neither a mapping nor a list")
    copies[id(child)] = child
    _put(parent, edit, depth, child, order)
    return child


def _change(parent: Any, edit: Edit, order: KeyOrder | None) -> None:
    if not edit.route:
        raise EditError(f"cannot {edit.operation} the whole object")
    last = len(edit.route) - 1
    if edit.operation == "set":
        child_at(parent, edit, last)
        _put(parent, edit, last, edit.value, order)
    elif child_at(parent, edit, last) is not ABSENT:
        del parent[edit.route[last]]


def _put(parent: Any, edit: Edit, depth: int, value: Any, order: KeyOrder | None) -> None:
    key = edit.route[depth]
    if isinstance(key, int) and key >= len(parent):
        if key > len(parent):
            raise _refusal(edit, f"{_called(edit.route[:depth])} ends before it")
        parent.append(value)
        return
    is_new = isinstance(key, str) and key not in parent
    before = order(edit.route[: depth + 1], parent) if order and is_new else None
    parent[key] = value
    if before is not None:
        for other in [*parent][[*parent].index(before) : -1]:
            parent[other] = parent.pop(other)


def _called(route: Route) -> str:
    return format_route(route) if route else "the object"


def _refusal(edit: Edit, why: str) -> EditError:
    return EditError(f"cannot {edit.operation} {format_route(edit.route)}: {why}")
