"""What the admission plugins say in one of their two phases, which is what a webhook is asked for.

The cluster's state, a request and the phase come in, a Decision goes out. A webhook is one step on the API
server's way: the server itself validates the object and warns of its fields, by its own version's rules, so
none of that is done here again. A mutating webhook is asked before the server validates the object, and
answers with a patch. A validating one is asked when nothing can change any more: nothing is filled in on the
way to its verdict, and a pod that a policy would have to change is refused. An advising one stands alone, as
validating ones do: it says what both would have said one after the other, and changes nothing.
Source: kubernetes 1.37.2, apiserver pkg/endpoints/handlers/create.go and pkg/registry/rest/create.go.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from ..kube.default_pod import default_pod
from ..kube.pod import Pod
from ..kube.whole_pod import UnreadField
from . import chain
from .attributes import Attributes, Clock, Moment
from .decision import Decision, bad_request
from .decoded_object import UndecodableObject, decode_object, fill_identity
from .lifecycle import missing_namespace
from .node_declared_features import may_refuse
from .pod_security import (
    CONTROLLERS,
    IGNORED_SUBRESOURCES,
    POD_SECURITY,
    allow_unseen,
    is_unrestricted,
    validate_pod,
)
from .request import AdmissionRequest
from .resources.namespaces import answer_namespace
from .resources.own_objects import answer_own_object, is_own
from .resources.pods import decoding_pods
from .sent_pod import SentPod
from .shaped_pod import ShapedPod
from .state import ClusterState

__all__ = ["Phase", "allows_every_pod", "answer_phase", "answer_unseen"]

Phase = Literal["mutating", "validating", "advising"]
"""Which webhook is asked; "advising" gives the verdict of the other two together, without a patch."""

_ALLOWED = Decision(True)


def answer_phase(
    state: ClusterState,
    request: AdmissionRequest,
    phase: Phase,
    *,
    clock: Clock | None = None,
    moment: Moment | None = None,
) -> Decision:
    """Answer a request in one phase; what no plugin looks at is allowed as it is.

    A namespace that the cluster does not have is never judged as if it had no labels: what is asked of it is
    refused. `clock` and `moment` are those of `Cluster.admit`. The decision has no `object`.
    """
    try:
        return _answer(state, request, phase, clock, moment)
    except UnreadField:  # such as by an exemption that looks at what no verdict rests on
        return _answer(state, _whole(request), phase, clock, moment)


def _whole(request: AdmissionRequest) -> AdmissionRequest:
    """Replace pods of which some fields were not read by all of their data."""
    pods = [pod.plain if isinstance(pod, SentPod) else pod for pod in (request.object, request.old_object)]
    return msgspec.structs.replace(request, object=pods[0], old_object=pods[1])


def _answer(
    state: ClusterState, request: AdmissionRequest, phase: Phase, clock: Clock | None, moment: Moment | None
) -> Decision:
    if request.operation not in ("CREATE", "UPDATE"):
        return _ALLOWED
    missing = missing_namespace(state, request.kind, request.namespace)
    if missing is not None:
        return msgspec.structs.replace(missing, plugin="NamespaceLifecycle")
    if phase == "validating":
        sent = _answer_sent(state, request, moment)
        if sent is not None:
            return sent
    attributes = Attributes(request, mutated=True, clock=clock, moment=moment)
    try:
        if phase == "mutating":
            return _mutate(state, attributes)
        if phase == "advising":
            return _advise(state, attributes)
        return _validate(state, attributes)
    except UndecodableObject as error:
        return bad_request(str(error))


def _answer_sent(state: ClusterState, request: AdmissionRequest, moment: Moment | None) -> Decision | None:
    """Answer what is asked of a pod that can be typed, if Pod Security alone has a say; None: it has not."""
    pod, old = request.object, request.old_object
    if (
        not isinstance(pod, SentPod)
        or request.sub_resource in IGNORED_SUBRESOURCES
        or state.judges_by_policies
        or may_refuse(state, request)
    ):
        return None
    shape, old_typed = pod.shape_at(state.minor), None
    if shape is None or old is not None:
        read = _typed_pods(state, pod, old)
        if read is None:
            return None
        typed, old_typed = read
        judged = ShapedPod(lambda: typed, shape)
    else:
        judged = ShapedPod(lambda: default_pod(pod.typed, state.minor), shape)
    decision = validate_pod(state, request, judged, old_typed, moment)
    return decision if decision.allowed else msgspec.structs.replace(decision, plugin=POD_SECURITY.name)


def _typed_pods(
    state: ClusterState, pod: Mapping[str, Any] | None, old: Mapping[str, Any] | None
) -> tuple[Pod, Pod | None] | None:
    """Return pods that were read typed as Pod Security sees them; None: the exact decoder is needed."""
    if not isinstance(pod, SentPod) or not (old is None or isinstance(old, SentPod)):
        return None
    typed, old_typed = pod.typed_at(state.minor), None if old is None else old.typed_at(state.minor)
    if typed is None or (old_typed is None) != (old is None):
        return None
    return default_pod(typed, state.minor), old_typed


def answer_unseen(state: ClusterState, request: AdmissionRequest) -> Decision | None:
    """Answer in the validating phase what is asked of a pod that no plugin would look at; None: one would.

    Where every pod is allowed, what a pod holds is not even read, as by the plugin itself.
    Source: pod-security-admission v0.37.2 admission/admission.go, ValidatePod.
    """
    if request.operation not in ("CREATE", "UPDATE"):
        return None
    if state.judges_by_policies or may_refuse(state, request):
        return None
    labels = state.labels_of(request.namespace)
    if labels is None:
        return None
    return allow_unseen(request, labels, state.configuration) if state.has_pod_security else _ALLOWED


def allows_every_pod(state: ClusterState, namespace: str) -> bool:
    """Tell whether `answer_unseen` allows new pods of everybody in a namespace."""
    labels = None if state.judges_by_policies else state.labels_of(namespace)
    return labels is not None and (
        not state.has_pod_security or is_unrestricted(namespace, labels, state.configuration)
    )


def _mutate(state: ClusterState, attributes: Attributes) -> Decision:
    request = attributes.request
    if (request.group, request.resource) != ("", "pods"):
        return _ALLOWED
    mutated = chain.mutate(state, decoding_pods(state, attributes))
    return mutated.decide(mutated.refusal or _ALLOWED)


def _advise(state: ClusterState, attributes: Attributes) -> Decision:
    request = attributes.request
    about_pods = (request.group, request.resource) == ("", "pods")
    if not about_pods or request.sub_resource in IGNORED_SUBRESOURCES:
        return _validate(state, attributes)
    mutated = chain.mutate(state, decoding_pods(state, attributes))
    if mutated.refusal is not None:
        return mutated.decide(mutated.refusal)
    decision = None if mutated.steps else _validate_sent(state, mutated.attributes)
    if decision is None:
        decision = _validate_pod(state, mutated.attributes)
    audit = mutated.audit_annotations | decision.audit_annotations
    return msgspec.structs.replace(decision, audit_annotations=audit)


def _validate(state: ClusterState, attributes: Attributes) -> Decision:
    request = attributes.request
    about = (request.group, request.resource)
    if about == ("", "pods") and request.sub_resource not in IGNORED_SUBRESOURCES:
        sent = _validate_sent(state, attributes)
        if sent is None and request.object is not None:
            sent = answer_unseen(state, request)
        return sent or _validate_pod(state, decoding_pods(state, attributes))
    if about == ("", "namespaces"):
        return answer_namespace(state, attributes)
    if is_own(request):
        return answer_own_object(request)
    if about in CONTROLLERS and not request.sub_resource:
        object_ = decode_object(request.object, request.kind, state.minor).object
        if object_ is not None:
            fill_identity(object_, request)
        return chain.validate(state, attributes.with_objects(object_, None))
    return _ALLOWED


def _validate_sent(state: ClusterState, attributes: Attributes) -> Decision | None:
    """Validate pods that were read typed; None: there are none, or this version's exact decoder is needed.

    Nothing more is read of them unless a plugin asks for it.
    """
    request = attributes.request
    old = request.old_object
    if old is None and request.operation == "UPDATE" and state.judges_by_policies:
        return None
    read = _typed_pods(state, request.object, old)
    if read is None:
        return None

    def decode_old() -> dict[str, Any] | None:
        return decode_object(old, "Pod", state.minor).object

    sent = decoding_pods(state, attributes)
    sent.take_pods(*read, decode_old)
    return chain.validate(state, sent)


def _validate_pod(state: ClusterState, attributes: Attributes) -> Decision:
    request = attributes.request
    pod = attributes.object
    old = decode_object(request.old_object, "Pod", state.minor).object
    decision = chain.validate(state, attributes.with_objects(pod, old))
    if not decision.allowed:
        return decision
    if pod is None:
        return bad_request("failed to decode object")
    if old is None and request.operation == "UPDATE" and state.judges_by_policies:
        return bad_request("failed to decode old object")
    return decision
