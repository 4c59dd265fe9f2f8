"""The API server's last word on a request: who answers it depends on what it is about.

The cluster's state and a typed request come in, a Decision goes out. Each kind of object has a file of its
own in `resources/`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ..edits.apply import apply_edits
from ..edits.edit import Edit
from ..kube.generated_name import generated_name
from ..kube.status import sent_warnings
from ..kube.versions import LAST_WITH_POD_SECURITY_POLICY
from . import chain
from .attributes import Attributes, Clock, Moment
from .decision import Decision, bad_request
from .decoded_object import UndecodableObject
from .pod_security import CONTROLLERS
from .request import AdmissionRequest
from .resources.namespaces import answer_namespace
from .resources.own_objects import answer_own_object, is_own
from .resources.pods import answer_pod
from .resources.policies import answer_policy
from .resources.workloads import answer_workload
from .service_account import DEFAULT
from .state import ClusterState

__all__ = ["answer", "name_to_come"]

_ALLOWED = Decision(True)


def answer(
    state: ClusterState,
    request: AdmissionRequest,
    *,
    service_account: str = DEFAULT,
    mutated: bool = False,
    clock: Clock | None = None,
    moment: Moment | None = None,
) -> Decision:
    """Answer a request; what no plugin looks at is allowed as it is. See `Cluster.admit`.

    The warnings are those that reach the client; of a webhook's request, those that the server is told.
    """
    if not mutated:
        request = _named(request, state.minor)
    attributes = Attributes(
        request, service_account=service_account, mutated=mutated, clock=clock, moment=moment
    )
    try:
        decision = _answer(state, attributes)
    except UndecodableObject as error:
        return bad_request(str(error))
    if mutated or not decision.warnings:
        return decision
    return msgspec.structs.replace(decision, warnings=sent_warnings(decision.warnings))


def _answer(state: ClusterState, attributes: Attributes) -> Decision:
    request = attributes.request
    about = (request.group, request.resource)
    if request.operation in ("CREATE", "UPDATE"):
        if about == ("", "pods"):
            return answer_pod(state, attributes)
        if about == ("", "namespaces"):
            return answer_namespace(state, attributes)
        if about in CONTROLLERS:
            return answer_workload(state, attributes)
        if is_own(request):
            return answer_own_object(request)
        if request.kind == "PodSecurityPolicy" and not request.sub_resource:
            return answer_policy(request, state.minor)
    refusal = chain.mutate(state, attributes).refusal
    if refusal is not None:
        return refusal
    if request.operation not in ("CREATE", "UPDATE") or request.object is None:
        return _ALLOWED
    return msgspec.structs.replace(_ALLOWED, completed=dict(request.object))


def name_to_come(object_: Mapping[str, Any] | None) -> str:
    """Write the name that an object will get, its five random letters as x; "" when it has one of its own."""
    metadata = (object_ or {}).get("metadata")
    if metadata.__class__ is not dict and not isinstance(metadata, Mapping):
        return ""
    if metadata.get("name"):
        return ""
    prefix = metadata.get("generateName")
    return generated_name(prefix) if isinstance(prefix, str) and prefix else ""


def _named(request: AdmissionRequest, minor: int) -> AdmissionRequest:
    """Give a new object its generated name, as servers do before admission since there are no policies."""
    name = name_to_come(request.object)
    if not name or request.object is None or request.operation != "CREATE" or request.sub_resource:
        return request
    if minor <= LAST_WITH_POD_SECURITY_POLICY:
        return request
    named = apply_edits(request.object, (Edit(("metadata", "name"), "set", name),))
    return msgspec.structs.replace(request, name=name, object=named)
