"""Where people write new keys of pods: a key's route comes in, the key that it comes in front of goes out."""

from collections.abc import Collection

from ..manifest.route import Route

__all__ = ["key_order"]

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")

_CONTEXTS = ("securityContext", "podSecurityContext", "containerSecurityContext")


def key_order(route: Route, keys: Collection[str]) -> str | None:
    """Say which of a mapping's keys a new one comes in front of; None: it comes behind all.

    A pod's security context comes before its containers, which may fill pages. Fields of a context are
    sorted by name, as by far most manifests have them; where those that are there are not, the new ones are
    sorted with the last of them that are. So it does not matter which comes first.
    """
    key = str(route[-1])
    if key == "securityContext":
        return next((one for one in keys if one in _CONTAINERS), None)
    if not route[-2:-1] or route[-2] not in _CONTEXTS:
        return None
    before: str | None = None
    last = ""
    for one in keys:
        if one < last:
            before = None
        if before is None and one > key:
            before = one
        last = one
    return before
