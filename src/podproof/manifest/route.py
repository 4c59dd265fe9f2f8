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


def format_route(route: Route) -> str:
    """Write a route as Kubernetes writes field paths: `spec.containers[0].name`, `annotations[a/b]`.

    A key that is not a plain identifier (it has dots, slashes, blanks, ...) stands in brackets, unquoted.
    """
    out: list[str] = []
    for part in route:
        if isinstance(part, int):
            out.append(f"[{part}]")
        elif part.replace("_", "a").replace("-", "a").isalnum():
            out.append(f".{part}" if out else part)
        else:
            out.append(f"[{part}]")
    return "".join(out)
