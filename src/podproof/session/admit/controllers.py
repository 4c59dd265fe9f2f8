"""The controllers of workloads as admission meets them: who creates the pods, and how they are named by then.

A workload's kind or name comes in, parts of a request go out.
"""

from typing import Any

from ...kube.versions import LAST_WITH_POD_SECURITY_POLICY
from .identity import user_info

__all__ = ["controller_user", "pod_name"]

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
    return None if controller is None else user_info(f"system:serviceaccount:kube-system:{controller}")


def pod_name(owner: str, minor: int) -> dict[str, str]:
    """Name a pod of this workload in its metadata: servers with policies make names up after admission."""
    return (
        {"generateName": f"{owner}-"}
        if minor <= LAST_WITH_POD_SECURITY_POLICY
        else {"name": f"{owner}-xxxxx"}
    )
