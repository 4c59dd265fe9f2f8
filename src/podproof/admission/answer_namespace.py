"""The answer to a namespace: its labels are validated, and its pods looked at when they change.

A Cluster and a request come in, a Decision goes out, with warnings of the pods that no longer fit.
Source: kubernetes 1.37.2, pod-security-admission admission/admission.go, ValidateNamespace.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ..kube.default_pod import default_pod
from ..kube.pod import Pod
from ..kube.validation.formats import dns_label
from ..kube.validation.metadata import validate_metadata
from ..policies.pod_security import read_pod
from .decision import Decision, bad_request, invalid
from .pod_security import POD_SECURITY_SINCE, Clock, judge_namespace
from .request import Request

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["answer_namespace"]

_ALLOWED = Decision(True)


def answer_namespace(cluster: "Cluster", request: Request, clock: Clock | None) -> Decision:
    """Answer a namespace's creation or update; `clock` bounds the look at its pods, None: nothing does."""
    if request.sub_resource:
        return _ALLOWED
    if request.object is None:
        return bad_request("failed to decode object")
    new, old = _read_labels(request.object), None
    if new is None or request.object.get("kind") not in (None, "", "Namespace"):
        return bad_request("failed to decode namespace")
    if request.operation == "UPDATE":
        if request.old_object is None:
            return bad_request("failed to decode  old object")
        old = _read_labels(request.old_object)
        if old is None:
            return bad_request("failed to decode  old namespace")
    errors: list[Any] = []
    validate_metadata(errors, request.object.get("metadata") or {}, name_faults=dns_label)
    if errors:
        return invalid("Namespace", request.name, errors)
    decision = _ALLOWED
    if cluster.minor >= POD_SECURITY_SINCE:
        decision = judge_namespace(
            request,
            new,
            old,
            lambda: _existing(cluster, request.name),
            cluster.configuration,
            f"v1.{cluster.minor}",
            clock,
        )
    return decision if not decision.allowed else msgspec.structs.replace(decision, held=dict(request.object))


def _read_labels(namespace: Mapping[str, Any]) -> dict[str, str] | None:
    """Return a namespace's labels; None where they are not what labels must be."""
    metadata = namespace.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
    if labels is None:
        return {}
    if not isinstance(labels, Mapping) or not all(v is None or isinstance(v, str) for v in labels.values()):
        return None
    return {key: value or "" for key, value in labels.items()}


def _existing(cluster: "Cluster", namespace: str) -> list[Pod]:
    """Return the pods of a namespace, typed; raises ManifestError: one of them cannot be read."""
    return [default_pod(read_pod(pod)) for pod in cluster.pods.get(namespace, ())]
