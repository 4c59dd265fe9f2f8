"""Compares what an admission request says about its object with the object itself.

A request comes in as a mapping; the typed request goes out, or words that say where the two differ. A request
that contradicts itself is never allowed: what is judged might not be what is created.
Source: apiserver v0.37.2 pkg/endpoints/handlers/rest.go, checkName, and pkg/registry/rest/create.go.
"""

from collections.abc import Mapping
from typing import Any

from .request import RESOURCES, AdmissionRequest, RequestError, read_request

__all__ = ["contradiction", "read_consistent"]


def read_consistent(request: Mapping[str, Any]) -> AdmissionRequest:
    """Read a request that does not contradict itself.

    Raises RequestError: it cannot be read, or it does contradict itself.
    """
    read = read_request(request)
    fault = contradiction(request, read)
    if fault:
        raise RequestError(fault)
    return read


def contradiction(request: Mapping[str, Any], read: AdmissionRequest) -> str:
    """Say how a request contradicts its object; "" when it does not."""
    object_ = read.object
    if object_ is None or read.sub_resource not in ("", "ephemeralcontainers", "resize", "status"):
        return ""
    kind = object_.get("kind")
    stated = _text(request.get("kind"), "kind")
    if kind and stated and kind != stated:
        return f"the object is a {kind}, the review says {stated}"
    belongs = RESOURCES.get(kind) if isinstance(kind, str) else None
    version = object_.get("apiVersion")
    group = version.rpartition("/")[0] if isinstance(version, str) else ""
    known = belongs is not None and (not version or group in (belongs[0], "extensions"))
    if known and belongs is not None and belongs[1] != read.resource:
        return f"the object is a {kind}, the review is about {read.group_resource}"
    if known and belongs is not None and read.group not in ("", belongs[0], "extensions"):
        return f"the object is a {kind}, the review is about {read.group_resource}"
    metadata = object_.get("metadata")
    metadata = metadata if metadata.__class__ is dict or isinstance(metadata, Mapping) else {}
    name, namespace = metadata.get("name"), metadata.get("namespace")
    in_url = request.get("name")
    if name and in_url and name != in_url:
        return f"the name of the object ({name}) does not match the name on the URL ({in_url})"
    if namespace and read.kind != "Namespace" and namespace != read.namespace:
        return "the namespace of the provided object does not match the namespace sent on the request"
    return ""


def _text(value: Any, key: str) -> Any:
    return value.get(key) if value.__class__ is dict or isinstance(value, Mapping) else None
