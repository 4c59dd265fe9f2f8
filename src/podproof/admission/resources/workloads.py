"""The way of a workload through the API server: how a Deployment, a Job and the like are answered.

The cluster's state and a request come in, a Decision goes out. A workload is never refused for its pods:
PodSecurity warns of them.
Source: kubernetes 1.37.2 and 1.24.17, apiserver pkg/endpoints/handlers/{create,update}.go and
pkg/registry/rest/{create,update}.go.
"""

from typing import Any

import msgspec

from ...kube.defaults import apply_defaults_of_storing
from ...kube.feature_gates import lenient
from ...kube.field_error import FieldError
from ...kube.gated_fields import without_gated
from ...kube.validation import validate as validate_object
from ...kube.validation import warnings as warnings_of
from ...kube.version_skew import warnings_at
from .. import chain
from ..attributes import Attributes
from ..decision import Decision, invalid, with_warnings
from ..decoded_object import WARNINGS_SINCE, decode_object, fill_identity, name_of, type_of_object
from ..request import AdmissionRequest
from ..state import ClusterState

__all__ = ["answer_workload"]

_ALLOWED = Decision(True)


def answer_workload(state: ClusterState, attributes: Attributes) -> Decision:
    """Answer the creation or update of what makes pods by a template.

    Raises UndecodableObject: it cannot be read.
    """
    request = attributes.request
    if request.sub_resource:
        return chain.mutate(state, attributes).refusal or _ALLOWED
    new = request.operation == "CREATE"
    attributes = attributes.decoded_by(lambda value: decode_object(value, request.kind, state.minor, new=new))
    refusal = chain.mutate(state, attributes).refusal
    if refusal is not None:
        return refusal
    object_ = attributes.decoded.object  # completing it warns of nothing, unlike a pod
    if object_ is None:
        return Decision(
            True,
            audit_annotations={"pod-security.kubernetes.io/error": "failed to decode object: there is none"},
        )
    fill_identity(object_, request)
    old = _old_object(state, request)
    object_, dropped = without_gated(request.kind, object_, state.gates, old)
    errors = _find_errors(state, request.kind, object_, old)
    if errors:
        return invalid(request.qualified_kind, name_of(object_["metadata"]), errors)
    warnings: tuple[str, ...] = ()
    if new and state.minor >= WARNINGS_SINCE:
        warnings = tuple(warnings_at(warnings_of(request.kind, object_), state.minor))
    if request.operation == "CREATE":
        apply_defaults_of_storing(request.kind, object_)
    decision = chain.validate(state, attributes.with_objects(object_, None))
    type_ = type_of_object(object_, request.kind, state.minor)
    completed = msgspec.structs.replace(decision, completed=object_, completed_type=type_, dropped=dropped)
    return with_warnings(completed, warnings)


def _find_errors(
    state: ClusterState, kind: str, object_: dict[str, Any], old: dict[str, Any] | None
) -> list[FieldError]:
    """Validate an object; what the `old` one has although a feature gate is off by now is allowed further."""
    errors = validate_object(kind, object_, version=state.minor, gates=state.gates)
    if errors and old is not None and validate_object(kind, old, version=state.minor, gates=state.gates):
        errors = validate_object(kind, object_, version=state.minor, gates=lenient(state.gates))
    return errors


def _old_object(state: ClusterState, request: AdmissionRequest) -> dict[str, Any] | None:
    """Give the stored object, decoded, since what it uses is not dropped; None: there is none yet."""
    if request.stored:
        return decode_object(request.object, request.kind, state.minor).object
    if request.operation != "UPDATE":
        return None
    return decode_object(request.old_object, request.kind, state.minor).object
