"""The pods of an object as check and explain read them, and where a refusal of the server points."""

from typing import Any

import pytest

from podproof.kube.feature_gates import FeatureGates
from podproof.kube.versions import NEWEST
from podproof.session.judging.pods import Refused, Stored, pods_of


def _refused(value: dict[str, Any]) -> Refused:
    (only,) = pods_of(value, FeatureGates(NEWEST))
    assert isinstance(only, Refused)
    return only


@pytest.mark.parametrize("kind", ["Deployment", "PodTemplate"])
def test_a_wrong_type_outside_the_pod_is_pointed_at_where_it_stands(kind: str) -> None:
    template = {"spec": {"containers": [{"name": "app", "image": "a"}]}}
    value = {"kind": kind, "metadata": {"name": 5}}
    if kind == "PodTemplate":
        value |= {"apiVersion": "v1", "template": template}
    else:
        value |= {"apiVersion": "apps/v1", "spec": {"template": template}}
    assert _refused(value).route == ("metadata", "name")


def test_a_wrong_type_in_a_custom_resource_is_pointed_at_in_the_resource() -> None:
    pod = {"containers": [{"name": "app", "image": "a", "ports": 5}]}
    value = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "spec": {"template": {"spec": pod}}}
    assert _refused(value).route == ("spec", "template", "spec", "containers", 0, "ports")


def test_a_workload_without_a_template_has_a_pod_without_containers() -> None:
    value = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    (only,) = pods_of(value, FeatureGates(NEWEST))
    assert isinstance(only, Stored)
    assert only.pod.spec is not None
    assert not only.pod.spec.containers


def test_a_piece_of_a_manifest_has_a_pod() -> None:
    (only,) = pods_of(
        {"kind": "Pod", "spec": {"containers": [{"name": "app", "image": "a"}]}}, FeatureGates(NEWEST)
    )
    assert isinstance(only, Stored)
    assert only.pod.metadata is not None
    assert only.pod.metadata.name == "fragment"
