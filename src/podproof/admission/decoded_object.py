"""An object as the server has it when its plugins look: decoded, completed and named.

A request's object comes in; the completed one goes out, or an UndecodableObject that says why it cannot be
read. Nothing is judged.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ..errors import InputError
from ..kube.decode import Problem, decode_type, type_of
from ..kube.defaults import apply_defaults
from ..kube.generated_name import generated_name
from ..kube.go_format import quote
from ..kube.pod import Pod
from ..kube.types import Type
from ..kube.version_skew import warnings_at
from .request import AdmissionRequest
from .sent_pod import SentPod

__all__ = [
    "WARNINGS_SINCE",
    "DecodedObject",
    "UndecodableObject",
    "decode_object",
    "fill_identity",
    "name_of",
    "type_of_object",
    "typed_pod",
]

WARNINGS_SINCE = 25
"""The first version whose warnings about a pod's fields are imitated; older servers gave fewer."""


class UndecodableObject(InputError):
    """Says, as the API server would with 400, why an object cannot be read."""


class DecodedObject(msgspec.Struct, frozen=True):
    """A decoded and completed object, None where the request has none, and what decoding warned about."""

    object: dict[str, Any] | None
    warnings: tuple[str, ...] = ()


def decode_object(
    value: Mapping[str, Any] | None, kind: str, minor: int, *, new: bool = False
) -> DecodedObject:
    """Decode and complete an object of a kind for Kubernetes 1.`minor`.

    A `new` one is named: a server makes up the name before it validates, and before a Job's labels are made
    of it, whenever the plugins see it.
    Raises UndecodableObject: it is of another kind, or a field has a wrong type.
    """
    if value is None:
        return DecodedObject(None)
    if isinstance(value, SentPod) and value.faults is not None and kind == "Pod":
        fatal = value.find_fatal(type_of("Pod", minor, value.api_version))
        if fatal is not None:
            raise _undecodable(kind, value.api_version, fatal)
    own_kind = value.get("kind")
    if own_kind is not None and own_kind not in ("", kind):
        named = own_kind if isinstance(own_kind, str) else "kind that is not text"
        raise UndecodableObject(f"the object is a {named}, not a {kind}")
    version = value.get("apiVersion")
    decoded = decode_type(
        value.plain if isinstance(value, SentPod) else value, type_of_object(value, kind, minor)
    )
    if decoded.fatal is not None:
        raise _undecodable(kind, version, decoded.fatal)
    object_ = decoded.object
    metadata = object_.get("metadata")
    if new and metadata and not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = generated_name(metadata["generateName"])
    warnings = _complete_pod(object_, minor) if kind == "Pod" else apply_defaults(kind, object_)
    return DecodedObject(object_, tuple(warnings_at(warnings, minor)))


def _undecodable(kind: str, version: object, fatal: Problem) -> UndecodableObject:
    short = (version if isinstance(version, str) else "v1").rpartition("/")[2]
    return UndecodableObject(
        f"{kind} in version {quote(short)} cannot be handled as a {kind}: {fatal.message}"
    )


def _complete_pod(pod: dict[str, Any], minor: int) -> list[str]:
    """Complete a pod as a server of that version does; a generation that it has stays."""
    metadata = pod.setdefault("metadata", {})
    generation = metadata.get("generation")
    warnings = apply_defaults("Pod", pod, minor)
    if generation is not None:
        metadata["generation"] = generation
    return warnings


def fill_identity(object_: dict[str, Any], request: AdmissionRequest) -> None:
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


def typed_pod(object_: Mapping[str, Any] | None) -> Pod | None:
    """Make the typed pod of a decoded one, or of a decoded template; None: there is none."""
    return None if object_ is None else msgspec.convert(object_, Pod)


def name_of(metadata: Mapping[str, Any]) -> str:
    """Name an object in a message; of a name to be generated, the five random letters are unknown."""
    name, prefix = metadata.get("name") or "", metadata.get("generateName") or ""
    return name or (generated_name(prefix) if prefix else "")
