"""An object as the server holds it before its plugins look: decoded, completed and named.

A request's object comes in, the completed one goes out, or why it cannot be read. Nothing is judged.
"""

from collections.abc import Mapping
from typing import Any

from ..kube.decode import decode_type, type_of
from ..kube.defaults import apply_defaults
from ..kube.generated_name import generated_name
from ..kube.go_format import quote
from ..kube.types import Type
from ..kube.version_skew import has_apparmor_field
from .request import Request

__all__ = ["WARNINGS_SINCE", "decode_object", "fill_identity", "name_of", "type_of_object"]

WARNINGS_SINCE = 25
"""Warnings about a pod's fields follow the newest rules; older servers gave fewer, and are not imitated."""


def decode_object(
    value: Mapping[str, Any] | None, kind: str, minor: int
) -> tuple[dict[str, Any] | None, list[str], str]:
    """Decode and complete an object; gives it, warnings, and why it cannot be read. No value gives None."""
    if value is None:
        return None, [], ""
    found = value.get("kind")
    if found is not None and found not in ("", kind):
        return (
            None,
            [],
            f"the object is a {found if isinstance(found, str) else 'kind that is not text'}, not a {kind}",
        )
    version = value.get("apiVersion")
    decoded = decode_type(value, type_of_object(value, kind, minor))
    if decoded.fatal is not None:
        short = (version if isinstance(version, str) else "v1").rpartition("/")[2]
        message = decoded.fatal.message
        return None, [], f"{kind} in version {quote(short)} cannot be handled as a {kind}: {message}"
    held = decoded.object
    if kind == "Pod":
        return held, _complete_pod(held, minor), ""
    return held, apply_defaults(kind, held), ""


def _complete_pod(pod: dict[str, Any], minor: int) -> list[str]:
    """Complete a pod as a server of that version does; a generation that it has stays."""
    metadata = pod.setdefault("metadata", {})
    generation = metadata.get("generation")
    annotations = None if has_apparmor_field(minor) else metadata.pop("annotations", None)
    warnings = apply_defaults("Pod", pod)
    if annotations is not None:
        metadata["annotations"] = annotations
    if generation is not None:
        metadata["generation"] = generation
    return warnings


def fill_identity(object_: dict[str, Any], request: Request) -> None:
    """Complete name and namespace from the request, as the server does from the path."""
    metadata = object_.setdefault("metadata", {})
    if request.namespace:
        metadata.setdefault("namespace", request.namespace)
    if request.name and not metadata.get("name") and request.operation == "UPDATE":
        metadata["name"] = request.name
    object_.setdefault("kind", request.kind)


def type_of_object(object_: Mapping[str, Any], kind: str, minor: int) -> Type:
    """Give the table that an object is read by: that of its own version, if it names one."""
    version = object_.get("apiVersion")
    return type_of(kind, minor, version if isinstance(version, str) else None)


def name_of(metadata: Mapping[str, Any]) -> str:
    """Name an object in a message; of a name to be generated, the five random letters are unknown."""
    name, prefix = metadata.get("name") or "", metadata.get("generateName") or ""
    return name or (generated_name(prefix) if prefix else "")
