"""Who is exempt from Pod Security: controllers as well as pods, and what an exempt namespace is told."""

from typing import Any

import pytest

from podproof import Cluster

from .requests import namespace, pod, request

WARNS = {"enforce": "privileged", "warn": "restricted", "audit": "restricted"}


def configuration(**exemptions: Any) -> dict[str, Any]:
    return {
        "apiVersion": "pod-security.admission.config.k8s.io/v1",
        "kind": "PodSecurityConfiguration",
        "defaults": WARNS,
        "exemptions": exemptions,
    }


def deployment() -> dict[str, Any]:
    labels = {"app": "a"}
    template = {"metadata": {"labels": labels}, "spec": pod({})["spec"]}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "n"},
        "spec": spec,
    }


@pytest.mark.parametrize(
    ("exemptions", "warned"), [({}, True), ({"namespaces": ["n"]}, False), ({"namespaces": ["m"]}, True)]
)
def test_a_deployment(exemptions: dict[str, Any], warned: bool) -> None:
    kind = {"group": "apps", "version": "v1", "kind": "Deployment"}
    cluster = Cluster.from_objects([configuration(**exemptions), namespace()])
    asked = request(deployment(), resource="deployments", group="apps", kind=kind)
    decision = cluster.admit(asked)
    assert decision.allowed
    assert bool(decision.warnings) is warned
    exempt = "pod-security.kubernetes.io/exempt"
    assert decision.audit_annotations.get(exempt) == (None if warned else "namespace")
