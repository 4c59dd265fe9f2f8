"""A first review before any client asks, so that what happens on first use has happened.

Nothing comes in, and nothing goes out.
"""

import json

from ..admission.cluster import Cluster
from ..admission.review import answer_review

__all__ = ["warm_up"]


def warm_up() -> None:
    """Answer made-up reviews of a pod that violates everything enforced on it."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "warm", "labels": labels}}
    cluster = Cluster.from_objects([namespace])
    review = {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "warm",
            "operation": "CREATE",
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "namespace": "warm",
            "userInfo": {"username": "nobody"},
            "object": {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "warm"},
                "spec": {"hostPID": True, "containers": [{"name": "warm", "image": "warm"}]},
            },
        },
    }
    data = json.dumps(review).encode()
    answer_review(data, cluster, phase="mutating")
    answer_review(data, cluster, phase="validating")
