"""What a container's cgroup is given for its requests and limits, and the pod's quality of service.

Source: kubernetes pkg/kubelet/kuberuntime/kuberuntime_container_linux.go, pkg/kubelet/qos/policy.go,
pkg/apis/core/v1/helper/qos/qos.go.
"""

from typing import Any

import pytest

from podproof.kubelet.resources import bytes_of, container_resources, quality_of_service

GIB = 1 << 30


def given(requests: dict[str, Any] | None, limits: dict[str, Any] | None, memory: int = 4 * GIB) -> Any:
    container = {"name": "c", "resources": {"requests": requests, "limits": limits}}
    return container_resources(container, {"spec": {"containers": [container]}}, memory=memory)


@pytest.mark.parametrize(
    ("requests", "limits", "shares", "quota"),
    [
        (None, None, 2, 0),
        ({"cpu": "1"}, None, 1024, 0),
        ({"cpu": "1m"}, None, 2, 0),
        ({"cpu": "3m"}, None, 3, 0),
        ({"cpu": "100m"}, None, 102, 0),
        ({"cpu": "255.9"}, None, 262041, 0),
        ({"cpu": "256"}, None, 262144, 0),
        ({"cpu": "257"}, None, 262144, 0),
        (None, {"cpu": "2"}, 2048, 200000),
        ({"cpu": "500m"}, {"cpu": "2"}, 512, 200000),
        (None, {"cpu": "10m"}, 10, 1000),
        (None, {"cpu": "9m"}, 9, 1000),
        (None, {"cpu": "11m"}, 11, 1100),
        ({"cpu": "0"}, {"cpu": "1"}, 2, 100000),
        ({"cpu": "nonsense"}, {"cpu": "nonsense"}, 2, 0),
    ],
)
def test_cpu(requests: Any, limits: Any, shares: int, quota: int) -> None:
    found = given(requests, limits)
    assert (found.cpu_shares, found.cpu_quota, found.cpu_period) == (shares, quota, 100000)


@pytest.mark.parametrize(
    ("limit", "bytes_"), [("1Gi", GIB), ("1", 1), ("1500m", 2), ("0", 0), (1024, 1024), ("x", 0)]
)
def test_memory(limit: Any, bytes_: int) -> None:
    assert given(None, {"memory": limit}).memory_limit_in_bytes == bytes_
    assert given({"memory": limit}, None).memory_limit_in_bytes == 0


@pytest.mark.parametrize(
    ("requests", "limits", "memory", "score"),
    [
        (None, None, 4 * GIB, 1000),
        ({"cpu": "1", "memory": "1Gi"}, {"cpu": "1", "memory": "1Gi"}, 4 * GIB, -997),
        ({"cpu": "1"}, None, 4 * GIB, 999),
        ({"memory": "1Gi"}, None, 4 * GIB, 750),
        ({"memory": "2Gi"}, None, 4 * GIB, 500),
        ({"memory": "1Mi"}, None, 4 * GIB, 999),
        ({"memory": "8Gi"}, None, 4 * GIB, 3),
        ({"memory": "1Gi"}, None, 0, 999),
        ({"cpu": "1"}, None, 10, 999),
        ({"memory": "1"}, None, 10, 900),
        ({"memory": "1500m"}, None, 10, 800),
        ({"memory": "9"}, None, 10, 100),
        ({"memory": "10"}, None, 10, 3),
        ({"memory": "2"}, None, 3, 334),
    ],
)
def test_oom_score(requests: Any, limits: Any, memory: int, score: int) -> None:
    assert given(requests, limits, memory).oom_score_adj == score


BOTH = {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("resources", "quality"),
    [
        ([{}], "BestEffort"),
        ([{"limits": {"ephemeral-storage": "1Gi"}}], "BestEffort"),
        ([{"requests": {"cpu": "0"}}], "BestEffort"),
        ([{"requests": {"cpu": "1m"}}], "Burstable"),
        ([{"limits": BOTH, "requests": BOTH}], "Guaranteed"),
        ([{"limits": BOTH, "requests": {"cpu": "1000m", "memory": "1024Mi"}}], "Guaranteed"),
        ([{"limits": BOTH, "requests": {**BOTH, "cpu": "500m"}}], "Burstable"),
        ([{"limits": BOTH, "requests": {"cpu": "1"}}], "Burstable"),
        ([{"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}], "Burstable"),
        ([{"limits": BOTH, "requests": BOTH}, {}], "Burstable"),
        ([{"limits": BOTH, "requests": BOTH}, {"limits": BOTH, "requests": BOTH}], "Guaranteed"),
        ([{"limits": {"memory": "1Gi"}}], "Burstable"),
    ],
)
def test_quality_of_service(resources: list[dict[str, Any]], quality: str) -> None:
    containers = [{"name": f"c{n}", "resources": one} for n, one in enumerate(resources)]
    assert quality_of_service({"spec": {"containers": containers}}) == quality
    first, *rest = containers
    assert quality_of_service({"spec": {"containers": rest, "initContainers": [first]}}) == quality


def test_ephemeral_containers_do_not_count() -> None:
    spec = {"containers": [{"name": "c"}], "ephemeralContainers": [{"resources": {"limits": BOTH}}]}
    assert quality_of_service({"spec": spec}) == "BestEffort"
    assert quality_of_service({}) == "BestEffort"


@pytest.mark.parametrize(
    ("quantity", "number"),
    [("1Ki", 1024), ("1500m", 2), (7, 7), (1.5, 2), ("x", None), (None, None), ({}, None), ([], None)],
)
def test_bytes(quantity: object, number: int | None) -> None:
    assert bytes_of(quantity) == number
