"""Clusters with exemptions, and pods that need them."""

from typing import Any

from podproof import Cluster, Decision
from podproof.admission.attributes import Moment

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z
LATER = "2027-06-30T00:00:00Z"
CONFIGURATION = {
    "apiVersion": "podproof.dev/v1alpha1",
    "kind": "PodproofConfiguration",
    "podSecurityExemption": {"enabled": True},
}


def namespace(name: str, **labels: str) -> dict[str, Any]:
    own = {"kubernetes.io/metadata.name": name, **labels}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": own}}


def enforcing(level: str, name: str = "shop", **labels: str) -> dict[str, Any]:
    return namespace(name, **{"pod-security.kubernetes.io/enforce": level}, **labels)


def exemption(name: str = "legacy", **spec: Any) -> dict[str, Any]:
    whole = {
        "owner": "team-a@example.com",
        "reason": "until the agent is rewritten",
        "expires": LATER,
        "namespaces": ["shop"],
        "checks": ["hostNamespaces"],
        **spec,
    }
    return {
        "apiVersion": "podproof.dev/v1alpha1",
        "kind": "PodSecurityExemption",
        "metadata": {"name": name},
        "spec": {key: value for key, value in whole.items() if value is not None},
    }


def container(name: str = "web", context: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"name": name, "image": "nginx", "securityContext": context or {}, **fields}


def pod(
    *containers: dict[str, Any],
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    metadata = {"name": "a", "namespace": "shop", "labels": labels or {}, "annotations": annotations or {}}
    listed = list(containers) or [container()]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": listed, **spec}}


def cluster(*objects: dict[str, Any]) -> Cluster:
    return Cluster.from_objects([CONFIGURATION, *objects])


def ask(
    known: Cluster,
    object_: dict[str, Any],
    *,
    now: float | None = NOW,
    warn_before: float = 0,
    sub_resource: str = "",
    old: dict[str, Any] | None = None,
) -> Decision:
    request = {
        "uid": "1",
        "operation": "CREATE" if old is None else "UPDATE",
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "subResource": sub_resource,
        "namespace": object_["metadata"]["namespace"],
        "name": "a",
        "userInfo": {"username": "jane", "groups": ["system:authenticated"]},
        "object": object_,
        "oldObject": old,
    }
    moment = None if now is None else Moment(now, warn_before)
    return known.admit(request, mutated=True, moment=moment)
