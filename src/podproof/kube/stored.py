"""Tells an object that a server stores from one that is to be created.

An object comes in as a mapping; whether it was stored, and which rules of creation do not concern it, goes
out. What is stored was accepted: a pod may have ephemeral containers by now, a Job the uid of its own.
Source: apiserver pkg/registry/rest/create.go: who creates an object sets neither uid nor resourceVersion.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .field_error import FieldError

__all__ = ["is_stored", "leave_out_creation_rules"]

_CREATION = ("spec", "ephemeralContainers")


def is_stored(object_: Any) -> bool:
    """Say whether an object is one as a server returns it: with a uid and a resourceVersion."""
    if object_.__class__ is not dict and not isinstance(object_, Mapping):
        return False
    metadata = object_.get("metadata")
    if metadata.__class__ is not dict and not isinstance(metadata, Mapping):
        return False
    if "uid" not in metadata:
        return False
    uid, version = metadata.get("uid"), metadata.get("resourceVersion")
    return isinstance(uid, str) and isinstance(version, str) and bool(uid and version)


def leave_out_creation_rules(errors: Iterable[FieldError]) -> list[FieldError]:
    """Leave out of the errors about a stored object those that only say how none can be created."""
    return [error for error in errors if error.route != _CREATION or error.type != "Forbidden"]
