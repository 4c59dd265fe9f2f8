"""The way of a namespace through the API server: its labels are validated, and its pods looked at.

The cluster's state and a request come in, a Decision goes out, with warnings of the pods that no longer fit.
Source: kubernetes 1.37.2, pod-security-admission admission/admission.go, ValidateNamespace.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ...kube.decode_metadata import decode_metadata
from ...kube.field_error import Errors
from ...kube.validation.formats import dns_label
from ...kube.validation.metadata import validate_metadata
from .. import chain
from ..attributes import Attributes
from ..decision import Decision, bad_request, invalid
from ..state import ClusterState

__all__ = ["answer_namespace"]

_ALLOWED = Decision(True)


def answer_namespace(state: ClusterState, attributes: Attributes) -> Decision:
    """Answer a namespace's creation or update."""
    request = attributes.request
    if request.sub_resource:
        return _ALLOWED
    if request.object is None:
        return bad_request("failed to decode object")
    metadata, fault = _read_metadata(request.object, state.minor)
    if fault or request.object.get("kind") not in (None, "", "Namespace"):
        return bad_request(fault or "failed to decode namespace")
    old = None
    if request.operation == "UPDATE":
        if request.old_object is None:
            return bad_request("failed to decode  old object")
        old_metadata, old_fault = _read_metadata(request.old_object, state.minor)
        if old_fault:
            return bad_request("failed to decode  old namespace")
        old = {"metadata": old_metadata}
    errors = Errors()
    validate_metadata(errors, metadata, name_faults=dns_label)
    if errors:
        return invalid("Namespace", request.name, errors)
    decision = chain.validate(state, attributes.with_objects({"metadata": metadata}, old))
    return msgspec.structs.replace(decision, completed=dict(request.object)) if decision.allowed else decision


def _read_metadata(namespace: Mapping[str, Any], minor: int) -> tuple[dict[str, Any], str]:
    """Decode a namespace's metadata, which is all that is looked at; gives it and why it cannot be read."""
    decoded = decode_metadata(namespace.get("metadata"), "Namespace", version=minor)
    if decoded.fatal is None:
        return decoded.object.get("metadata") or {}, ""
    return {}, f'Namespace in version "v1" cannot be handled as a Namespace: {decoded.fatal.message}'
