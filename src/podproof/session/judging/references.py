"""Names an object, its containers and claims: a value comes in, references for what is said of it go out."""

from typing import Any

from ...findings import ContainerRef, Route
from ...kube.template import Template
from ...kube.visit import visit_written
from ...results.checked import ObjectRef

__all__ = ["claims_of", "object_ref", "written_containers"]

_MOST_NAME = 512
"""Characters of an object's kind, namespace or name; a server takes 253."""


def object_ref(value: Any) -> ObjectRef:
    """Name an object; what it does not say, or says in another type, is None."""
    if not isinstance(value, dict):
        return ObjectRef(None, None, None, None)
    metadata = _mapping(value.get("metadata"))
    return ObjectRef(
        api_version=_text(value.get("apiVersion")),
        kind=_text(value.get("kind")),
        namespace=_text(metadata.get("namespace")),
        name=_text(metadata.get("name")) or _text(metadata.get("generateName")),
    )


def written_containers(template: Template) -> dict[Route, ContainerRef]:
    """Map the route of each container in the object to its reference; what is not a container is left out.

    A container that the document leaves to a controller is left out, too.
    """
    if not template.filled_in and len(template.prefixes) == 1 and not template.prefixes[0][0]:
        route = template.prefixes[0][1]
        return {
            route + where: ContainerRef(_text(container.get("name")) or "", kind)
            for kind, container, where in visit_written(_mapping(template.pod.get("spec")))
        }
    return {
        template.source_route(where): ContainerRef(name, kind)
        for kind, container, where in visit_written(_mapping(template.pod.get("spec")))
        if (name := _text(container.get("name")) or "") not in template.filled_in
        or template.has_source(where)
    }


def claims_of(pod: Any) -> dict[str, str]:
    """Map the pod's volumes that are PersistentVolumeClaims to the claims' names."""
    claims: dict[str, str] = {}
    for volume in _mapping(_mapping(pod).get("spec")).get("volumes") or ():
        claim = _text(_mapping(_mapping(volume).get("persistentVolumeClaim")).get("claimName"))
        name = _text(_mapping(volume).get("name"))
        if claim and name:
            claims[name] = claim
    return claims


def _text(value: Any) -> str | None:
    """Give a name; each finding repeats it, so one that no server accepts is cut, and stays its own."""
    if not isinstance(value, str) or len(value) <= _MOST_NAME:
        return value if isinstance(value, str) else None
    from hashlib import sha256  # no real manifest needs it

    digest = sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{value[:_MOST_NAME]}… ({len(value):,} characters, sha256 {digest[:16]})"


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
