"""Symbolic places: a route is the keys and list indexes from an object's root."""

from typing import Any

Route = tuple[str | int, ...]
"""Keys and list indexes from the object's root, e.g. ("spec", "containers", 0, "name")."""


def value_at(value: Any, route: Route) -> Any:
    """Give what stands at a route of plain data; None when nothing does."""
    for step in route:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


_MOST_WRITTEN = 1_024
_LONGEST_WRITTEN = 256
_written: dict[Route, str] = {}
"""Routes that were written lately: most of what is said is said of the same few fields."""


def format_route(route: Route) -> str:
    """Write a route as Kubernetes writes field paths: `spec.containers[0].name`, `annotations[a/b]`.

    A key that is not a plain identifier (it has dots, slashes, blanks, ...) stands in brackets, unquoted.
    """
    text = _written.get(route)
    if text is None:
        text = _write(route)
        if len(text) <= _LONGEST_WRITTEN:
            if len(_written) >= _MOST_WRITTEN:
                _written.clear()
            _written[route] = text
    return text


def _write(route: Route) -> str:
    out: list[str] = []
    for part in route:
        if isinstance(part, int):
            out.append(f"[{part}]")
        elif part.replace("_", "a").replace("-", "a").isalnum():
            out.append(f".{part}" if out else part)
        else:
            out.append(f"[{part}]")
    return "".join(out)
