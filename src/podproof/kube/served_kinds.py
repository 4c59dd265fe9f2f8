"""The kinds that run pods, and the API versions under which a server has them.

Data only; the fields of each version are in the tables.
"""

__all__ = ["SERVED_UNTIL", "VERSIONS"]

VERSIONS = {
    "Pod": "v1",
    "PodTemplate": "v1",
    "ReplicationController": "v1",
    "Deployment": "apps/v1",
    "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
}

SERVED_UNTIL = {"extensions/v1beta1": 15, "apps/v1beta1": 15, "apps/v1beta2": 15, "batch/v1beta1": 24}
"""Old API versions, and the last minor version of Kubernetes that serves them."""
