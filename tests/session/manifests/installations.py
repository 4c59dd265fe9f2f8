"""Installations to test with, and what of their manifests tests ask for."""

from collections.abc import Iterator
from typing import Any

import yaml

from podproof.session.manifests.installation import Installation, installation
from podproof.session.manifests.objects import objects

IMAGE = "registry.example/podproof:0.1.0"
DEFAULTS: dict[str, Any] = {
    "image": IMAGE,
    "namespace": "podproof",
    "mode": "advisory",
    "default_level": "privileged",
    "replicas": 3,
    "metrics_namespace": "monitoring",
    "priority_class": "system-cluster-critical",
    "pod_security_policy": False,
}
"""The options as the command has them where nothing else is asked for."""

ENFORCING = {"mode": "enforcing"}
WAYS: dict[str, dict[str, Any]] = {
    "advisory": {},
    "enforcing": ENFORCING,
    "some enforcing": {**ENFORCING, "enforce_namespaces": ["shop", "bank"]},
    "policies": {**ENFORCING, "enforce_namespaces": ["shop"], "pod_security_policy": True},
    "policies everywhere": {**ENFORCING, "pod_security_policy": True},
    "policies, advisory": {"pod_security_policy": True},
    "elsewhere": {
        "namespace": "on",
        "replicas": 1,
        "exclude_namespaces": ["123", "calico-system"],
        "api_server_cidrs": ["10.1.2.3", "fd00::/64"],
        "metrics_namespace": "null",
        "priority_class": "",
    },
    "restricted where nothing is said": {**ENFORCING, "default_level": "restricted"},
    "an older cluster": {"kubernetes_version": "1.34"},
    "own class": {"priority_class": "very-important"},
}
"""Ways to install it, each by what differs from the defaults."""


def install(**options: Any) -> Installation:
    """Make an installation of what differs from the defaults."""
    return installation(**{**DEFAULTS, **options})


def values(**options: Any) -> list[dict[str, Any]]:
    """Give the objects of an installation as values."""
    return [yaml.safe_load(document) for document in objects(install(**options))]


EVENTS = "podproof-webhook-events"


def of_kind(kind: str, objects_: list[dict[str, Any]]) -> dict[str, Any]:
    """Find the one object of a kind; what lets Events be written in another namespace is apart."""
    (found,) = (one for one in objects_ if one["kind"] == kind and one["metadata"]["name"] != EVENTS)
    return found


def webhooks(objects_: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Find all webhooks, the mutating ones too."""
    for one in objects_:
        yield from one.get("webhooks", ())


def selects(webhook: dict[str, Any], namespace: str) -> bool:
    """Evaluate the selector for a namespace without labels of its own."""
    assert set(webhook["namespaceSelector"]) == {"matchExpressions"}
    for expression in webhook["namespaceSelector"]["matchExpressions"]:
        assert expression["key"] == "kubernetes.io/metadata.name"
        named = namespace in expression["values"]
        if named != {"In": True, "NotIn": False}[expression["operator"]]:
            return False
    return True
