"""Whether the controller of a workload creates pods now: a workload comes in, why it does not goes out.

A workload without pods today may have some tomorrow: when it is scaled up, resumed, or a node matches. One
that has ended, or that a newer revision has replaced, has none again. Nothing is judged here.
Source: kubernetes 1.37.2 pkg/controller: deployment/deployment_controller.go, job/job_controller.go,
cronjob/cronjob_controllerv2.go, daemon/daemon_controller.go.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["creates_none_again", "why_none_yet", "why_not_anew"]

_REPLICATED = ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet")
_MIRROR = "kubernetes.io/config.mirror"
"""Marks the mirror of a static pod. Source: kubernetes pkg/apis/core/annotation_key_constants.go."""
_ENDED_PHASES = ("Failed", "Succeeded")
_ENDED_CONDITIONS = ("Complete", "Failed")


def why_none_yet(workload: Mapping[str, Any], *, stored: bool) -> str:
    """Say which field keeps the controller from creating pods yet, as `spec.replicas is 0`; "": none does.

    `stored` tells an object that a server returned: a Deployment is paused from its start otherwise, and a
    DaemonSet's status says whether any node matches.
    """
    kind, spec = workload.get("kind"), _mapping(workload.get("spec"))
    if kind == "CronJob":
        if spec.get("suspend") is True:
            return "spec.suspend is true"
        within = _why_no_job_pods(_mapping(_mapping(spec.get("jobTemplate")).get("spec")))
        return within and f"spec.jobTemplate.{within}"
    if kind == "Job":
        return _why_no_job_pods(spec)
    if kind == "DaemonSet":
        unmatched = stored and _is_zero(_mapping(workload.get("status")).get("desiredNumberScheduled"))
        return "no node matches, status.desiredNumberScheduled is 0" if unmatched else ""
    if kind not in _REPLICATED:
        return ""
    if _is_zero(spec.get("replicas")):
        return "spec.replicas is 0"
    return "spec.paused is true" if kind == "Deployment" and spec.get("paused") is True and not stored else ""


def _why_no_job_pods(spec: Mapping[str, Any]) -> str:
    if spec.get("suspend") is True:
        return "spec.suspend is true"
    return next(
        (f"spec.{name} is 0" for name in ("parallelism", "completions") if _is_zero(spec.get(name))), ""
    )


def creates_none_again(workload: Mapping[str, Any], *, stored: bool) -> bool:
    """Tell a Job that has ended, and a ReplicaSet without replicas whose owner has gone on to another.

    Of a Job that is not `stored`, the server forgets the status when it creates it.
    """
    if workload.get("kind") == "Job":
        return stored and _has_ended(workload)
    owned = _mapping(workload.get("metadata")).get("ownerReferences")
    return (
        workload.get("kind") == "ReplicaSet"
        and _is_zero(_mapping(workload.get("spec")).get("replicas"))
        and isinstance(owned, list)
        and any(_mapping(reference).get("controller") is True for reference in owned)
    )


def why_not_anew(pod: Mapping[str, Any]) -> str:
    """Say why a pod that was stored is not created anew, whatever happens to it; "" when it may be.

    Source: kubernetes pkg/kubelet/kubelet.go: a mirror that is refused is logged, and the static pod runs on.
    """
    if pod.get("kind") != "Pod":
        return ""
    if _has_ended(pod):
        return "the pod has ended, so nobody creates it anew"
    if _MIRROR in _mapping(_mapping(pod.get("metadata")).get("annotations")):
        return "it mirrors a static pod, which its node runs whatever the server answers"
    return ""


def _has_ended(object_: Mapping[str, Any]) -> bool:
    """Tell a Pod or a Job that has run to its end, by its status."""
    status = _mapping(object_.get("status"))
    if object_.get("kind") == "Pod":
        return status.get("phase") in _ENDED_PHASES
    conditions = status.get("conditions")
    return isinstance(conditions, list) and any(
        _mapping(one).get("type") in _ENDED_CONDITIONS and _mapping(one).get("status") == "True"
        for one in conditions
    )


def _is_zero(value: Any) -> bool:
    return type(value) is int and value == 0


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
