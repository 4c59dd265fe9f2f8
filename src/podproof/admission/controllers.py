"""The controllers of workloads as admission meets them: who creates a workload's pods, and which pod that is.

A workload and its template come in, the pod that its controller sends and the controller's `userInfo` go out.
Nothing is judged here.
"""

from collections.abc import Mapping
from typing import Any

from ..kube.versions import LAST_WITH_POD_SECURITY_POLICY
from .user_info import ACCOUNT_PREFIX, user_info

__all__ = ["controller_pod", "controller_user"]

_CONTROLLERS = {
    "Deployment": "replicaset-controller",
    "ReplicaSet": "replicaset-controller",
    "ReplicationController": "replication-controller",
    "StatefulSet": "statefulset-controller",
    "DaemonSet": "daemon-set-controller",
    "Job": "job-controller",
    "CronJob": "job-controller",
}
"""Who creates the pods. Source: kube-controller-manager's service accounts in kube-system."""


def controller_user(kind: str) -> dict[str, Any] | None:
    """Say who creates the pods of such a workload, as the `userInfo` of a request; None for other kinds."""
    controller = _CONTROLLERS.get(kind)
    return None if controller is None else user_info(f"{ACCOUNT_PREFIX}kube-system:{controller}")


def controller_pod(template: Mapping[str, Any], owner: str, namespace: str, minor: int) -> dict[str, Any]:
    """Make the pod that the controller of a workload named `owner` creates by a template.

    The pod is named `owner-xxxxx`, x for letters to come; up to 1.24, where names are made up after
    admission, it has a `generateName`.
    """
    metadata = template.get("metadata")
    of_template = dict(metadata) if isinstance(metadata, Mapping) else {}
    of_template.pop("name", None)
    if minor <= LAST_WITH_POD_SECURITY_POLICY:
        named = {"generateName": f"{owner}-"}
    else:
        named = {"name": f"{owner}-xxxxx"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**of_template, **named, "namespace": namespace},
        "spec": template.get("spec"),
    }
