"""The answer to a namespace: its labels are validated, and its pods looked at when they change.

A Cluster and a request come in, a Decision goes out, with warnings of the pods that no longer fit.
Source: kubernetes 1.37.2, pod-security-admission admission/admission.go, ValidateNamespace.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ..kube.decode_metadata import decode_metadata
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
    metadata, fault = _read_metadata(request.object, cluster.minor)
    if fault or request.object.get("kind") not in (None, "", "Namespace"):
        return bad_request(fault or "failed to decode namespace")
    new, old = _labels(metadata), None
    if request.operation == "UPDATE":
        if request.old_object is None:
            return bad_request("failed to decode  old object")
        old_metadata, old_fault = _read_metadata(request.old_object, cluster.minor)
        if old_fault:
            return bad_request("failed to decode  old namespace")
        old = _labels(old_metadata)
    errors: list[Any] = []
    validate_metadata(errors, metadata, name_faults=dns_label)
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


def _read_metadata(namespace: Mapping[str, Any], minor: int) -> tuple[dict[str, Any], str]:
    """Decode a namespace's metadata, which is all that is looked at; gives it and why it cannot be read."""
    found = decode_metadata(namespace.get("metadata"), "Namespace", version=minor)
    if found.fatal is None:
        return found.object.get("metadata") or {}, ""
    return {}, f'Namespace in version "v1" cannot be handled as a Namespace: {found.fatal.message}'


def _labels(metadata: Mapping[str, Any]) -> dict[str, str]:
    return {key: value or "" for key, value in (metadata.get("labels") or {}).items()}


def _existing(cluster: "Cluster", namespace: str) -> list[Pod]:
    """Return the pods of a namespace, typed; raises ManifestError: one of them cannot be read."""
    return [default_pod(read_pod(pod)) for pod in cluster.pods.get(namespace, ())]
