"""What edits do, in a few words: edits come in, a text for people goes out."""

from collections.abc import Iterable
from typing import Any

from ..edits.edit import Edit
from ..manifest.route import Route, format_route

__all__ = ["counted", "renaming", "what_of"]


def what_of(edits: Iterable[Edit], place: Route) -> str:
    """Say what edits set and remove; their routes are counted from a place, where they lie in it."""
    return ", ".join(_what(edit, place) for edit in edits)


def renaming(old: Route, new: Route, place: Route = ()) -> str:
    """Say that a field gets another name, or another place; routes in a place are counted from it."""
    if old[:-1] == new[:-1]:
        return f"rename {counted(old, place)} to {new[-1]}"
    return f"move {counted(old, place)} to {counted(new, place)}"


def counted(route: Route, place: Route) -> str:
    """Write a route, counted from a place where it lies in it."""
    inside = route[: len(place)] == place and len(route) > len(place)
    return format_route(route[len(place) :] if inside else route)


def _what(edit: Edit, place: Route) -> str:
    route = counted(edit.route, place)
    return f"remove {route}" if edit.operation == "remove" else f"{route}: {_short(edit.value)}"


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_short(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_short(item) for item in value) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)
