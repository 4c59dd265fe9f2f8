"""The way of a pod's creation or update through the API server.

The cluster's state and a request about a pod come in, a Decision goes out. The order is the server's: the pod
is decoded (400), mutating plugins change it (403, 404), the API validates it (422), validating plugins judge
it (403).
Source: kubernetes 1.37.2 and 1.24.17, apiserver pkg/endpoints/handlers/{create,update}.go and
pkg/registry/rest/{create,update}.go.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ...kube.feature_gates import lenient
from ...kube.gated_fields import without_gated
from ...kube.new_pod import completed_pod
from ...kube.stored import leave_out_creation_rules
from ...kube.tolerated import leave_out_tolerated
from ...kube.update import prepare_pod_update, validate_pod_update
from ...kube.validation import validate as validate_object
from ...kube.validation import warnings as warnings_of
from ...kube.version_skew import warnings_at, with_version_skew
from .. import chain
from ..attributes import Attributes
from ..decision import Decision, bad_request, invalid, with_warnings
from ..decoded_object import (
    WARNINGS_SINCE,
    DecodedObject,
    decode_object,
    fill_identity,
    name_of,
    type_of_object,
)
from ..pod_security import IGNORED_SUBRESOURCES
from ..state import ClusterState

__all__ = ["answer_pod", "decoding_pods"]

_ALLOWED = Decision(True)
_SKEW_UNTIL = 27
"""From this version on, nothing of `version_skew` applies."""


def answer_pod(state: ClusterState, attributes: Attributes) -> Decision:
    """Answer the creation or update of a pod, or of a subresource that pod security looks at.

    Raises UndecodableObject: the pod cannot be read, or the one before it.
    """
    request = attributes.request
    if request.sub_resource in IGNORED_SUBRESOURCES:
        return chain.mutate(state, attributes).refusal or _ALLOWED

    mutated = chain.mutate(state, decoding_pods(state, attributes))
    if mutated.refusal is not None:
        return mutated.decide(mutated.refusal)
    pod, warnings = mutated.attributes.decoded.object, mutated.attributes.decoded.warnings
    old = decode_object(request.old_object, "Pod", state.minor).object
    if pod is None:
        return _without_object(state, attributes)
    if request.operation == "CREATE":
        decision = _create(state, mutated.attributes, pod, warnings)
    else:
        decision = _update(state, mutated.attributes, pod, old)
    return mutated.decide(decision)


def decoding_pods(state: ClusterState, attributes: Attributes) -> Attributes:
    """Return the attributes with what decodes their object as a pod, once a plugin asks for it."""
    request = attributes.request

    def decode(value: Mapping[str, Any] | None) -> DecodedObject:
        decoded = decode_object(value, "Pod", state.minor, new=request.operation == "CREATE")
        if decoded.object is not None:
            fill_identity(decoded.object, request)
        return decoded

    return attributes.decoded_by(decode)


def _without_object(state: ClusterState, attributes: Attributes) -> Decision:
    decision = chain.validate(state, attributes)
    return bad_request("failed to decode object") if decision.allowed else decision


def _create(
    state: ClusterState, attributes: Attributes, pod: dict[str, Any], warnings: Sequence[str]
) -> Decision:
    old = pod if attributes.request.stored else None
    pod, dropped = without_gated("Pod", pod, state.gates, old)
    if state.minor < _SKEW_UNTIL:
        pod = with_version_skew(pod, state.minor)
    stored = attributes.request.stored
    if not stored:
        pod = completed_pod(pod, state.gates)
    gates = lenient(state.gates) if stored else state.gates
    errors = validate_object("Pod", pod, version=state.minor, gates=gates)
    if stored:
        errors = leave_out_tolerated(leave_out_creation_rules(errors), errors)
    if errors:
        return with_warnings(invalid("Pod", name_of(pod["metadata"]), errors), warnings)
    if state.minor >= WARNINGS_SINCE:
        warnings = (*warnings, *warnings_at(warnings_of("Pod", pod), state.minor))
    else:
        warnings = ()
    decision = _validate(state, attributes.with_objects(pod, None), pod)
    return with_warnings(msgspec.structs.replace(decision, dropped=dropped), warnings)


def _update(
    state: ClusterState, attributes: Attributes, pod: dict[str, Any], old: dict[str, Any] | None
) -> Decision:
    if old is None:
        decision = chain.validate(state, attributes)
        if decision.allowed and state.judges_by_policies:
            return bad_request("failed to decode old object")
        return decision
    sub_resource = attributes.request.sub_resource
    prepared = prepare_pod_update(pod, old, sub_resource, gates=state.gates)
    pod, dropped = without_gated("Pod", prepared, state.gates, old)
    errors = validate_pod_update(pod, old, sub_resource=sub_resource, version=state.minor, gates=state.gates)
    if errors:
        return invalid("Pod", (pod.get("metadata") or {}).get("name") or "", errors)
    decision = _validate(state, attributes.with_objects(pod, old), pod)
    return msgspec.structs.replace(decision, dropped=dropped)


def _validate(state: ClusterState, attributes: Attributes, pod: dict[str, Any]) -> Decision:
    decision = chain.validate(state, attributes)
    if not decision.allowed:
        return decision
    type_ = type_of_object(pod, "Pod", state.minor)
    return msgspec.structs.replace(decision, completed=pod, completed_type=type_)
