"""What to write instead, ready to paste: findings with their edits come in, YAML and a few sentences go out.

The edits are those of the checks; nothing is made up here. Values that are set in one security context stand
together, as they are pasted.
"""

from collections.abc import Iterable

import msgspec

from ...edits.edit import Edit
from ...findings import Finding
from ...manifest.route import Route, format_route
from ..paste import fields_of, write_fields

__all__ = ["Paste", "Remedy", "remedy_of"]

_CONTEXT = "securityContext"

_ROOM = 72
"""Columns that a page has for what is pasted."""


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
    sets: dict[Route, list[Edit]] = {}
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
            sets.setdefault(base, []).append(Edit(inner, "set", edit.value))
    pastes = tuple(
        Paste(format_route(base) if base else "", "\n".join(write_fields(fields, _ROOM)))
        for base, edits in sets.items()
        if (fields := fields_of(edits))
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
