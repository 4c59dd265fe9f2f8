"""What a resize of a pod's resources may change, in the API server's words."""

from typing import Any

import pytest

from podproof.kube.resize import classify_qos, validate_resize
from podproof.kube.versions import BETA, NEWEST


def _container(name: str = "c", **resources: Any) -> dict[str, Any]:
    return {"name": name, "image": "i", "resources": resources}


def _pod(
    *containers: dict[str, Any], inits: list[dict[str, Any]] | None = None, **rest: Any
) -> dict[str, Any]:
    spec: dict[str, Any] = {"containers": list(containers), "initContainers": inits or []}
    return {"spec": spec | rest.pop("spec", {}), **rest}


OLD = _container(requests={"cpu": "1"}, limits={"cpu": "2"})
NEW = _container(requests={"cpu": "1500m"}, limits={"cpu": "3"})


def _texts(
    new: dict[str, Any], old: dict[str, Any], *, mirror: bool = False, version: int = NEWEST
) -> list[str]:
    return [error.text for error in validate_resize([], new, old, mirror=mirror, version=version)]


def test_a_resize() -> None:
    assert _texts(_pod(NEW), _pod(OLD)) == []
    assert _texts(_pod(NEW, inits=[NEW]), _pod(OLD, inits=[OLD])) == []


@pytest.mark.parametrize(
    ("old", "mirror", "text"),
    [
        (_pod(OLD), True, "[]: Forbidden: static pods cannot be resized"),
        (
            _pod(OLD, spec={"os": {"name": "windows"}}),
            False,
            "[]: Forbidden: windows pods cannot be resized",
        ),
        (_pod(OLD, spec={"os": {"name": "linux"}}), False, None),
    ],
)
def test_pods_that_cannot_be_resized(old: dict[str, Any], mirror: bool, text: str | None) -> None:
    assert _texts(_pod(NEW), old, mirror=mirror) == ([] if text is None else [text])


NO_RESOURCES = [{"state": {"running": {}}}]
RESOURCES = [{"state": {"running": {}}, "resources": {}}]


@pytest.mark.parametrize(
    ("statuses", "refused"),
    [
        ([], False),
        ([{"state": {"waiting": {}}}], False),
        (NO_RESOURCES, True),
        (RESOURCES, False),
        ([{"state": {}}, *RESOURCES, *NO_RESOURCES], False),
        ([{"state": {"waiting": {}}}, *NO_RESOURCES], True),
    ],
)
def test_a_node_without_support(statuses: list[dict[str, Any]], refused: bool) -> None:
    expected = ["spec: Forbidden: Pod running on node without support for resize"] if refused else []
    old = _pod(OLD, status={"containerStatuses": statuses})
    assert _texts(_pod(NEW), old) == expected
    assert _texts(_pod(NEW), old, version=BETA) == [], "1.38 does not look any more"


CLASS = "Pod QOS Class may not change as a result of resizing"


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (
            _pod(_container(requests={"cpu": "1"}, limits={"cpu": "1", "memory": "1"})),
            _pod(_container()),
            [f'spec: Invalid value: "BestEffort": {CLASS}'],
        ),
        (
            _pod(NEW),
            _pod(OLD, status={"qosClass": "Guaranteed"}),
            [f'spec: Invalid value: "Guaranteed": {CLASS}'],
        ),
        (
            _pod(NEW, NEW),
            _pod(OLD),
            ["spec.containers: Forbidden: containers may not be added or removed on resize"],
        ),
        (
            _pod(NEW, inits=[NEW]),
            _pod(OLD),
            ["spec.initContainers: Forbidden: initContainers may not be added or removed on resize"],
        ),
        (
            _pod({**NEW, "name": "x"}),
            _pod(OLD),
            ["spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize"],
        ),
        (
            _pod(_container(limits={"cpu": "2"})),
            _pod(OLD),
            ["spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed"],
        ),
        (
            _pod(_container(requests={"cpu": "1"})),
            _pod(OLD),
            ["spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"],
        ),
        (
            _pod({**NEW, "image": "j"}),
            _pod(OLD),
            ["spec: Forbidden: only cpu and memory resources are mutable"],
        ),
        (
            _pod(_container(requests={"cpu": "1", "x/y": "1"}, limits={"cpu": "2"})),
            _pod(OLD),
            ["spec: Forbidden: only cpu and memory resources are mutable"],
        ),
        (
            _pod(NEW, inits=[{**NEW, "image": "j"}]),
            _pod(OLD, inits=[OLD]),
            [
                "spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar "
                "containers are mutable"
            ],
        ),
    ],
)
def test_what_is_refused(new: dict[str, Any], old: dict[str, Any], expected: list[str]) -> None:
    assert _texts(new, old) == expected


FULL = {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("spec", "quality"),
    [
        ({}, "BestEffort"),
        ({"containers": [_container()]}, "BestEffort"),
        ({"containers": [_container(requests=FULL, limits=FULL)]}, "Guaranteed"),
        ({"containers": [_container(requests={"cpu": "1000m", "memory": "1Gi"}, limits=FULL)]}, "Guaranteed"),
        ({"containers": [_container(requests=FULL)]}, "Burstable"),
        ({"containers": [_container(requests={"cpu": "1"}, limits={"cpu": "1"})]}, "Burstable"),
        ({"containers": [_container(requests={"x/y": "1"}, limits={"x/y": "1"})]}, "BestEffort"),
        ({"containers": [_container(requests=FULL, limits=FULL), _container("d")]}, "Burstable"),
        (
            {"containers": [_container(requests=FULL, limits=FULL)], "initContainers": [_container("d")]},
            "Burstable",
        ),
        ({"containers": [_container()], "resources": {"requests": FULL, "limits": FULL}}, "Guaranteed"),
        (
            {"containers": [_container(requests=FULL, limits=FULL)], "resources": {"requests": FULL}},
            "Burstable",
        ),
    ],
)
def test_quality_of_service(spec: dict[str, Any], quality: str) -> None:
    assert classify_qos(spec) == quality
