"""What `init` proposes: a level, what to leave out and why, and what remains to be done.

Plain values; the session fills them, an output writes them as podproof.toml.
"""

import msgspec

from ..policies.levels import Level

__all__ = ["Exclusion", "Exemption", "Proposal"]


class Exclusion(msgspec.Struct, frozen=True):
    """Files to leave out: a glob, how many files it covers today, and why nobody wants to check them."""

    glob: str
    files: int
    reason: str


class Exemption(msgspec.Struct, frozen=True):
    """A file whose pods do not meet the level: which checks say so, and the first of the objects."""

    file: str
    checks: tuple[str, ...]
    object: str
    objects: int


class Proposal(msgspec.Struct, frozen=True):
    """A configuration for one folder.

    `meets` counts the pods outside of the exclusions by the strictest level that each meets, `pods` all of
    them. `exemptions` are empty where there would be too many: `failing` counts the pods that do not meet the
    level all the same. `errors` and `warnings` are what `check` finds with this configuration, `unreadable`
    the places of what it cannot read. `charts` and `overlays` are folders to render, `explainable` a file
    whose containers are worth a look ("" for none).
    """

    level: Level
    pods: int
    meets: dict[Level, int]
    failing: int
    exclusions: tuple[Exclusion, ...]
    exemptions: tuple[Exemption, ...]
    errors: int
    warnings: int
    unreadable: tuple[str, ...]
    charts: tuple[str, ...]
    overlays: tuple[str, ...]
    explainable: str
