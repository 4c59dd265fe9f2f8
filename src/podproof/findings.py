"""What Podproof found: data only, shared by checks, outputs and fixes.

A place is symbolic here (a route in the object); the session turns it into line and column for what is
reported. Nothing in this module decides anything.
"""

from enum import StrEnum
from typing import Literal

import msgspec

from .edits.edit import Fix
from .manifest.route import Route, format_route

__all__ = ["MOST_LISTED", "ContainerRef", "Finding", "Route", "Severity", "format_route"]

MOST_LISTED = 100
"""Findings of one check about one object that get their place and are listed; the others are counted."""


class Severity(StrEnum):
    """How much a finding matters.

    `error` violates what was asked, or will not be accepted or started; `warning` does nothing, or differs
    from what it looks like; `note` is advice.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class ContainerRef(msgspec.Struct, frozen=True, gc=False):
    """Names a container of a pod. `kind` is `container`, `init`, `sidecar` or `ephemeral`."""

    name: str
    kind: Literal["container", "init", "sidecar", "ephemeral"]


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One thing a check has to say about one place of one object.

    `route` is counted from the object's root and may name a field that is absent: the place shown is then
    the nearest ancestor that exists. `label` is the short text under the marked source ("" for none), `help`
    lines follow the frame. `container` None means the pod or the object as a whole.
    """

    check: str
    severity: Severity
    message: str
    route: Route = ()
    container: ContainerRef | None = None
    label: str = ""
    help: tuple[str, ...] = ()
    fix: Fix | None = None
    at_key: bool = False
    """True when the key is at fault (misspelt, misplaced), so that the key is marked and not the value."""
    related: tuple[Route, ...] = ()
    """Other routes that a reader needs to see, e.g. the pod's setting that a container overrides."""
    advice: bool = False
    """True for advice about a pod that works: its message says it all, and as a note it needs no source."""
    heading: str = ""
    """What the message comes below, where several notes about one object say the same of its fields."""
    details: tuple[tuple[str, str], ...] = ()
    """What completes the message, as names and what is said of each: too much for one line of text."""

    @property
    def whole_message(self) -> str:
        """Heading, message and details in one line."""
        if not self.heading and not self.details:
            return self.message
        parts = [self.heading] if self.heading else []
        parts.append(self.message)
        if self.details:
            parts.append("; ".join(f"{name}: {text}" for name, text in self.details))
        return ": ".join(parts)
