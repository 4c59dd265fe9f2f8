"""A body of another kind than the path's, as the server refuses it."""

import pytest

from podproof import accept
from podproof.kube.served_kinds import VERSIONS

GROUPS = {
    "Pod": "core",
    "PodTemplate": "core",
    "ReplicationController": "core",
    "Deployment": "apps",
    "ReplicaSet": "apps",
    "StatefulSet": "apps",
    "DaemonSet": "apps",
    "Job": "batch",
    "CronJob": "batch",
}
"""The package of each kind's internal type. Source: kubernetes pkg/apis."""


def test_every_kind_is_here() -> None:
    assert {
        kind: {"core": "v1", "apps": "apps/v1", "batch": "batch/v1"}[group] for kind, group in GROUPS.items()
    } == VERSIONS


@pytest.mark.parametrize("kind", GROUPS)
def test_a_service_is_none_of_them(kind: str) -> None:
    answer = accept({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}, kind=kind)
    assert (answer.code, answer.message) == (
        400,
        f'Service in version "v1" cannot be handled as a {kind}: '
        f"converting (v1.Service) to ({GROUPS[kind]}.{kind}): unknown conversion",
    )
