"""The API server's last word on a request: who answers it depends on what it is about.

A Cluster and a typed request come in, a Decision goes out. Each kind of object has a file of its own beside
this one; a PodSecurityPolicy is small enough to be answered here.
"""

from typing import TYPE_CHECKING

import msgspec

from .answer_namespace import answer_namespace
from .answer_pod import answer_pod
from .answer_workload import answer_workload
from .decision import Decision, bad_request, invalid_details
from .pod_security import CONTROLLERS, Clock
from .policy_object import judge_policy
from .request import Request

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["answer"]

_ALLOWED = Decision(True)


def answer(cluster: "Cluster", request: Request, clock: Clock | None = None) -> Decision:
    """Answer a request; what no plugin looks at is allowed as it is."""
    if request.operation not in ("CREATE", "UPDATE"):
        return _ALLOWED
    about = (request.group, request.resource)
    if about == ("", "pods"):
        return answer_pod(cluster, request)
    if about == ("", "namespaces"):
        return answer_namespace(cluster, request, clock)
    if about in CONTROLLERS:
        return answer_workload(cluster, request)
    if request.kind == "PodSecurityPolicy" and not request.sub_resource:
        return _answer_policy(cluster, request)
    return msgspec.structs.replace(_ALLOWED, held=None if request.object is None else dict(request.object))


def _answer_policy(cluster: "Cluster", request: Request) -> Decision:
    if request.object is None:
        return bad_request("failed to decode object")
    accepted = judge_policy(request.object, cluster.minor)
    if accepted.accepted:
        return Decision(True, warnings=accepted.warnings, held=accepted.object)
    details = None
    if accepted.reason == "Invalid":
        name = (request.object.get("metadata") or {}).get("name") or ""
        details = invalid_details(request.qualified_kind, name, accepted.causes)
    return Decision(
        False,
        accepted.code,
        accepted.message,
        warnings=accepted.warnings,
        reason=accepted.reason,
        details=details,
    )
