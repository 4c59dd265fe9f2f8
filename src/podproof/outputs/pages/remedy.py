"""What to write instead, ready to paste: findings with their edits come in, YAML and a few sentences go out.

The edits are those of the checks; nothing is made up here. Values that are set in one security context stand
together, as they are pasted.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from ...findings import Finding
from ...manifest.route import Route, format_route
from ..yaml_text import write_yaml

__all__ = ["Paste", "Remedy", "remedy_of"]

_CONTEXT = "securityContext"


class Paste(msgspec.Struct, frozen=True):
    """Values to set at a route; `text` is YAML."""

    route: str
    text: str


class Remedy(msgspec.Struct, frozen=True):
    """What to paste where, and which fields to remove. `careful`: the workload may need what it takes."""

    pastes: tuple[Paste, ...]
    removed: tuple[str, ...]
    careful: bool

    def __bool__(self) -> bool:
        """Say whether there is anything to do."""
        return bool(self.pastes or self.removed)


def remedy_of(findings: Iterable[Finding]) -> Remedy:
    """Put together the edits of findings about one container, or about one pod."""
    trees: dict[Route, dict[str, Any]] = {}
    removed: dict[str, None] = {}
    careful = False
    for finding in findings:
        if finding.fix is None:
            continue
        careful = careful or not finding.fix.safe
        for edit in finding.fix.edits:
            if edit.operation == "remove":
                removed[format_route(_shown(edit.route))] = None
                continue
            base, inner = _split(edit.route)
            tree = trees.setdefault(base, {})
            for step in inner[:-1]:
                below = tree.get(step)
                tree[step] = dict(below) if isinstance(below, dict) else {}
                tree = tree[step]
            tree[inner[-1]] = edit.value
    pastes = tuple(
        Paste(format_route(base) if base else "", write_yaml([tree], sort_keys=False, width=72).rstrip("\n"))
        for base, tree in trees.items()
    )
    return Remedy(pastes, tuple(removed), careful)


def _shown(route: Route) -> Route:
    """Name a field of a security context from there on: whose it is, the heading says."""
    return route[route.index(_CONTEXT) :] if _CONTEXT in route else route


def _split(route: Route) -> tuple[Route, tuple[str, ...]]:
    """Part a route before the keys that are written together: from a security context on, else the last.

    A list is never taken apart: what is set behind an index begins behind it.
    """
    at = route.index(_CONTEXT) if _CONTEXT in route else len(route) - 1
    behind = max((number + 1 for number, step in enumerate(route) if isinstance(step, int)), default=0)
    at = min(max(at, behind), len(route) - 1)
    return route[:at], tuple(map(str, route[at:]))
