"""Who makes a workload's pods, as whom, and what the pod looks like that is sent."""

from typing import Any

import pytest

from podproof.admission.controllers import controller_pod, controller_user
from podproof.admission.user_info import user_info


@pytest.mark.parametrize(
    ("kind", "controller"),
    [
        ("Deployment", "replicaset-controller"),
        ("ReplicaSet", "replicaset-controller"),
        ("ReplicationController", "replication-controller"),
        ("StatefulSet", "statefulset-controller"),
        ("DaemonSet", "daemon-set-controller"),
        ("Job", "job-controller"),
        ("CronJob", "job-controller"),
    ],
)
def test_the_user(kind: str, controller: str) -> None:
    assert controller_user(kind) == {
        "username": f"system:serviceaccount:kube-system:{controller}",
        "groups": ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
    }


@pytest.mark.parametrize("kind", ["Pod", "", "PodTemplate"])
def test_nobody(kind: str) -> None:
    assert controller_user(kind) is None


@pytest.mark.parametrize(
    ("name", "groups", "expected"),
    [
        ("ann", [], ["system:authenticated"]),
        ("ann", ["dev", "dev"], ["dev", "system:authenticated"]),
        ("", [], ["system:unauthenticated"]),
        ("system:anonymous", [], ["system:unauthenticated"]),
        (
            "system:serviceaccount:n:a",
            ["dev"],
            ["system:serviceaccounts", "system:serviceaccounts:n", "dev", "system:authenticated"],
        ),
    ],
)
def test_the_groups_that_authentication_adds(name: str, groups: list[str], expected: list[str]) -> None:
    assert user_info(name, groups) == {"username": name, "groups": expected}


@pytest.mark.parametrize(
    ("minor", "named"),
    [(24, {"generateName": "web-"}), (25, {"name": "web-xxxxx"}), (37, {"name": "web-xxxxx"})],
)
@pytest.mark.parametrize(
    ("template", "metadata", "spec"),
    [
        (
            {"metadata": {"name": "x", "labels": {"a": "b"}}, "spec": {"c": 1}},
            {"labels": {"a": "b"}},
            {"c": 1},
        ),
        ({}, {}, None),
        ({"metadata": 7}, {}, None),
    ],
)
def test_the_pod(
    template: dict[str, Any], metadata: dict[str, Any], spec: Any, minor: int, named: dict[str, str]
) -> None:
    assert controller_pod(template, "web", "n", minor) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**metadata, **named, "namespace": "n"},
        "spec": spec,
    }
