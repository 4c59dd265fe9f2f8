"""What one trial run showed, and why there may be none. Data only."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from .trial_messages import RefusedPath

__all__ = ["Interrupted", "NotRun", "SeenLayers", "SeenRun"]


class NotRun(Exception):
    """Says why an object was not run."""


class Interrupted(Exception):
    """Says that a signal ended the trials."""


class SeenLayers(Protocol):
    """A container's root file system: what the image has in it, and what else is mounted there."""

    @property
    def mounts(self) -> frozenset[str]:
        """The paths of everything that is mounted in it."""

    def folder_for(self, path: str) -> str | None:
        """Give the folder that an empty volume makes writable for a path; None: it would hide content."""

    def owner_of(self, path: str) -> int | None:
        """Give the user who owns the nearest folder at or above a path; None: not known."""


class SeenRun(msgspec.Struct, frozen=True):
    """How one run went. `how` says how it worked, `failure` what went wrong, "" where nothing did.

    `container` is the one that failed, "" where it was the pod. `lines` are the last of its log, `refused`
    what it told of. `layers` are the root file systems, by container. Into these, `written` names the folders
    that were written, and `blocked` what was written beside content of the image.
    """

    how: str = ""
    failure: str = ""
    container: str = ""
    lines: tuple[str, ...] = ()
    refused: tuple[RefusedPath, ...] = ()
    seconds: float = 0.0
    restarts: int = 0
    layers: Mapping[str, SeenLayers] = {}
    written: Mapping[str, tuple[str, ...]] = {}
    blocked: Mapping[str, tuple[str, ...]] = {}

    @property
    def works(self) -> bool:
        """Whether the pod became ready, or completed."""
        return not self.failure

    @property
    def words(self) -> str:
        """Say in one line how it went."""
        if self.works:
            return self.how
        return f"{self.failure}: {self.lines[-1]}" if self.lines else self.failure
