"""Whether the scheduler would give a pod to a node: a pod and what is beside it go in, its words come out.

Of the scheduler's reasons only missing claims are known here: there is one node, and nobody else on it.
"""

from collections.abc import Mapping
from typing import Any

from .objects import Objects, namespace_of
from .resources import quality_of_service

__all__ = ["FAILED_SCHEDULING", "MAX_PODS", "SCHEDULER", "unschedulable", "unscheduled_status"]

SCHEDULER = "default-scheduler"
FAILED_SCHEDULING = "FailedScheduling"

MAX_PODS = 110
"""Pods on a node at a time. Source: kubernetes pkg/kubelet/apis/config/v1beta1/defaults.go, MaxPods."""


def unschedulable(pod: Mapping[str, Any], objects: Objects) -> str:
    """Say why the pod gets no node, "" when it gets one; one that names its node asks no scheduler.

    Source: kubernetes pkg/scheduler/framework/plugins/volumebinding, PreFilter, and framework/types.go,
    FitError, without its words on preemption, which differ between versions.
    """
    spec = pod.get("spec") or {}
    if spec.get("nodeName"):
        return ""
    for volume in spec.get("volumes") or ():
        name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if name and objects.find("PersistentVolumeClaim", namespace_of(pod), name) is None:
            return f'0/1 nodes are available: persistentvolumeclaim "{name}" not found.'
    return ""


def unscheduled_status(pod: Mapping[str, Any], message: str, since: str | None) -> dict[str, Any]:
    """Give the status of a pod that waits for a node: no kubelet has seen it."""
    return {
        "phase": "Pending",
        "conditions": [
            {
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": message,
                "lastProbeTime": None,
                "lastTransitionTime": since,
                "observedGeneration": 1,
            }
        ],
        "qosClass": quality_of_service(pod),
    }
