"""Which API groups are known by kind alone, and the kinds that no server has any more."""

from typing import Any

import pytest

from podproof.kube.workload import Workload, find_workload

SPEC = {"containers": [{"name": "web", "image": "nginx"}]}
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": SPEC}

NATIVE = [
    "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "authentication.k8s.io",
    "authorization.k8s.io", "autoscaling", "certificates.k8s.io", "coordination.k8s.io", "discovery.k8s.io",
    "events.k8s.io", "flowcontrol.apiserver.k8s.io", "internal.apiserver.k8s.io", "networking.k8s.io",
    "node.k8s.io", "policy", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io",
    "settings.k8s.io", "storage.k8s.io", "storagemigration.k8s.io",
]  # fmt: skip


def custom(group: str) -> dict[str, Any]:
    """Make an object of an unknown kind that has the shape of a workload."""
    api = f"{group}/v1" if group else "v1"
    return {"apiVersion": api, "kind": "Runner", "metadata": {"name": "x"}, "spec": {"template": TEMPLATE}}


@pytest.mark.parametrize("group", NATIVE)
def test_what_a_native_group_holds_is_not_found_by_shape(group: str) -> None:
    assert find_workload(custom(group)) is None


@pytest.mark.parametrize("group", ["example.com", "k8s.io", "networking", "argoproj.io", "x.storage.k8s.io"])
def test_a_custom_kind_is_found_by_shape(group: str) -> None:
    found = find_workload(custom(group))
    assert isinstance(found, Workload)
    assert found.custom
    assert [template.route for template in found.templates] == [("spec", "template")]


@pytest.mark.parametrize(
    ("api", "kind", "body", "route"),
    [
        (
            "batch/v2alpha1",
            "ScheduledJob",
            {"spec": {"jobTemplate": {"spec": {"template": TEMPLATE}}}},
            ("spec", "jobTemplate", "spec", "template"),
        ),
        (
            "batch/v2alpha1",
            "JobTemplate",
            {"template": {"spec": {"template": TEMPLATE}}},
            ("template", "spec", "template"),
        ),
    ],
)
def test_kinds_of_old(api: str, kind: str, body: dict[str, Any], route: tuple[str, ...]) -> None:
    found = find_workload({"apiVersion": api, "kind": kind, "metadata": {"name": "x"}, **body})
    assert isinstance(found, Workload)
    assert not found.custom
    assert [template.route for template in found.templates] == [route]
