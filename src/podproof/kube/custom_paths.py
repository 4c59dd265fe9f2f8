"""Follows the paths of the catalogue through an object: a value and a path come in, places go out."""

from collections.abc import Iterator
from typing import Any

from ..manifest.route import Route
from .custom_kind import Path

__all__ = ["walk"]


def walk(value: Any, path: Path, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    """Follow a path; gives every place where it leads, with its route."""
    if not path:
        yield route, value
        return
    step, rest = path[0], path[1:]
    if step == "*":
        items = (
            enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
        )
        for key, item in items:
            yield from walk(item, rest, (*route, key))
    elif step[-1:] == "*" and isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str) and key.startswith(step[:-1]):
                yield from walk(item, rest, (*route, key))
    elif isinstance(value, dict) and step in value:
        yield from walk(value[step], rest, (*route, step))
