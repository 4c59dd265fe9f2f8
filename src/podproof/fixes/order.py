"""Where people write new keys of pods: a key's route comes in, the key that it comes in front of goes out."""

from collections.abc import Collection

from ..manifest.route import Route

__all__ = ["key_order"]

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")

_CONTEXTS = ("securityContext", "podSecurityContext", "containerSecurityContext")


def key_order(route: Route, keys: Collection[str]) -> str | None:
    """Say which of a mapping's keys a new one comes in front of; None: it comes behind all.

    A pod's security context comes before its containers, which may fill pages. Fields of a context are
    sorted by name, as by far most manifests have them, unless those that are there are not.
    """
    key = str(route[-1])
    if key == "securityContext":
        return next((one for one in keys if one in _CONTAINERS), None)
    if route[-2:-1] and route[-2] in _CONTEXTS and list(keys) == sorted(keys):
        return next((one for one in keys if one > key), None)
    return None
