"""What the tests of admission share: small objects and requests."""

from typing import Any

PREFIX = "pod-security.kubernetes.io/"
GOOD = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def namespace(name: str = "n", **labels: str) -> dict[str, Any]:
    """Make a namespace; `enforce_version="v1.0"` is the label enforce-version."""
    found = {PREFIX + key.replace("_", "-"): value for key, value in labels.items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": found}}


def pod(context: dict[str, Any] | None = None, *, name: str = "p", **spec: Any) -> dict[str, Any]:
    """Make a pod of one container; it meets restricted unless `context` says otherwise."""
    container = {"name": "c", "image": "i:1", "securityContext": GOOD if context is None else context}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "n"},
        "spec": {"containers": [container], **spec},
    }


def request(
    object_: Any,
    old: Any = None,
    *,
    resource: str = "pods",
    group: str = "",
    user: str = "ann",
    namespace: str = "n",
    **rest: Any,
) -> dict[str, Any]:
    """Make the request of an AdmissionReview: a creation, or an update when there is an old object."""
    return {
        "uid": "1",
        "operation": "CREATE" if old is None else "UPDATE",
        "resource": {"group": group, "version": "v1", "resource": resource},
        "namespace": namespace,
        "userInfo": {"username": user, "groups": ["system:authenticated"]},
        "object": object_,
        "oldObject": old,
        **rest,
    }
