"""What a resize of a pod's resources may change, in the API server's words."""

from collections.abc import Mapping
from typing import Any

import pytest

from podproof.kube.feature_gates import FeatureGates, read_feature_gates
from podproof.kube.field_error import Errors
from podproof.kube.resize import classify_qos, validate_resize
from podproof.kube.update import prepare_pod_update
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
    new: dict[str, Any],
    old: dict[str, Any],
    *,
    mirror: bool = False,
    version: int = NEWEST,
    gates: Mapping[str, bool] = {},
) -> list[str]:
    told = read_feature_gates(gates, version)
    return [error.text for error in validate_resize(Errors(told), new, old, mirror=mirror, gates=told)]


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


LEVEL = "InPlacePodLevelResourcesVerticalScaling"
OF_POD = {"requests": {"cpu": "3"}, "limits": {"cpu": "5"}}


def _with(resources: dict[str, Any] | None, container: dict[str, Any] = OLD) -> dict[str, Any]:
    return _pod(container, spec={} if resources is None else {"resources": resources})


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ({**OF_POD, "limits": {"cpu": "6"}}, OF_POD, []),
        (OF_POD, None, []),
        (
            {**OF_POD, "claims": [{"name": "c"}]},
            OF_POD,
            ["only cpu and memory resources are mutable at pod-level"],
        ),
        (None, OF_POD, ["resources: pod-level resources cannot be removed"]),
        (
            {"limits": {"cpu": "5"}},
            OF_POD,
            ["resources.requests: pod-level resource requests cannot be removed"],
        ),
        (
            {"requests": {"cpu": "3"}},
            OF_POD,
            ["resources.limits: pod-level resource limits cannot be removed"],
        ),
    ],
)
def test_resources_of_the_pod(new: dict[str, Any], old: dict[str, Any], expected: list[str]) -> None:
    texts = _texts(_with(new), _with(old))
    assert [
        text.replace("spec.", "").replace("Forbidden: ", "").removeprefix("spec: ") for text in texts
    ] == expected


def test_resources_of_the_pod_need_their_gate() -> None:
    larger = {**OF_POD, "limits": {"cpu": "6"}}
    refused = [
        f"[]: Forbidden: resize of pods with pod-level resources is forbidden when {LEVEL}Enabled "
        "feature gate is disabled"
    ]
    assert _texts(_with(larger), _with(OF_POD), version=36) == []
    assert _texts(_with(larger), _with(OF_POD), gates={LEVEL: False}) == refused
    assert _texts(_with(larger), _with(None), gates={LEVEL: False}) == refused
    assert _texts(_with(larger), _with(OF_POD), version=35) == refused
    assert _texts(_with(larger), _with(OF_POD), version=35, gates={LEVEL: True}) == []
    assert _texts(_with(larger), _with(OF_POD), version=34) == [
        "[]: Forbidden: pods with pod-level resources cannot be resized"
    ]
    assert _texts(_with({"claims": [{"name": "c"}]}), _with({"claims": [{"name": "c"}]}), version=34) == []


SIDECAR = {"restartPolicy": "Always"}
IMMUTABLE = "spec: Forbidden: resources for non-sidecar init containers are immutable"
RESTARTS = {"resizePolicy": [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]}


@pytest.mark.parametrize(
    ("init", "old", "version", "expected"),
    [
        (NEW, OLD, 36, []),
        (NEW, OLD, 35, [IMMUTABLE]),
        (OLD, OLD, 35, []),
        (NEW | SIDECAR, OLD | SIDECAR, 33, []),
        (_container(requests={"cpu": "1"}), OLD, 35, [IMMUTABLE]),
        (
            NEW | SIDECAR | {"image": "j"},
            OLD | SIDECAR,
            35,
            ["spec: Forbidden: only cpu and memory resources for sidecar containers are mutable"],
        ),
        (
            NEW | RESTARTS,
            OLD | RESTARTS,
            37,
            [
                "spec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of "
                "RestartContainer cannot be resized"
            ],
        ),
        (NEW | SIDECAR | RESTARTS, OLD | SIDECAR | RESTARTS, 37, []),
        (OLD | RESTARTS, OLD | RESTARTS, 37, []),
    ],
)
def test_init_containers(
    init: dict[str, Any], old: dict[str, Any], version: int, expected: list[str]
) -> None:
    assert _texts(_pod(OLD, inits=[init]), _pod(OLD, inits=[old]), version=version) == expected


VOLUMES = "InPlacePodVerticalScalingMemoryBackedVolumes"


def _memory(limit: str | None, name: str = "v", medium: str = "Memory") -> dict[str, Any]:
    return {"name": name, "emptyDir": {"medium": medium} | ({} if limit is None else {"sizeLimit": limit})}


def _volumes(*volumes: dict[str, Any]) -> dict[str, Any]:
    return _pod(OLD, spec={"volumes": list(volumes)})


LIMIT = "[0].emptyDir.sizeLimit: Forbidden: "
ADDED = f"{LIMIT}adding or removing sizeLimit on an existing volume is not allowed"


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ([_memory("2Gi")], [_memory("1Gi")], []),
        ([_memory("1024Mi", medium="")], [_memory("1Gi", medium="")], []),
        ([_memory("0")], [_memory(None)], []),
        ([_memory(None)], [_memory("1Gi")], [ADDED]),
        ([_memory("1Gi")], [_memory("0")], [ADDED]),
        (
            [_memory("2Gi"), _memory("1Gi", "w")],
            [_memory("1Gi")],
            [": Forbidden: volumes may not be added or removed on resize"],
        ),
        (
            [_memory("1Gi", "w")],
            [_memory("1Gi")],
            ["[0].name: Forbidden: volumes may not be renamed or reordered on resize"],
        ),
        (
            [{"name": "v", "hostPath": {"path": "/"}}],
            [_memory("1Gi")],
            ["[0]: Forbidden: only sizeLimit of memory-backed emptyDir volumes is mutable on resize"],
        ),
        (
            [_memory("2Gi", medium="")],
            [_memory("1Gi")],
            ["[0]: Forbidden: only sizeLimit of memory-backed emptyDir volumes is mutable on resize"],
        ),
        (
            [_memory("2Gi", medium="")],
            [_memory("1Gi", medium="")],
            [f"{LIMIT}sizeLimit is only mutable for memory-backed emptyDir volumes"],
        ),
    ],
)
def test_limits_of_volumes(new: list[Any], old: list[Any], expected: list[str]) -> None:
    texts = _texts(_volumes(*new), _volumes(*old), gates={VOLUMES: True})
    assert texts == [f"spec.volumes{text}" for text in expected]


def test_limits_of_volumes_need_their_gate() -> None:
    new, old = _volumes(_memory("2Gi")), _volumes(_memory("1Gi"))
    refused = (
        f"spec.volumes: Forbidden: volumes are immutable on resize when {VOLUMES} feature gate is disabled"
    )
    assert _texts(new, old) == [refused]
    assert _texts(_volumes(), old) == [refused]
    assert _texts(old, old) == []
    on = read_feature_gates({VOLUMES: True}, NEWEST)
    assert prepare_pod_update(new, old, "resize", gates=on)["spec"]["volumes"] == [_memory("2Gi")]
    kept = prepare_pod_update(new, old, "resize", gates=FeatureGates(NEWEST))["spec"]["volumes"]
    assert kept == [_memory("1Gi")]


@pytest.mark.parametrize(
    ("version", "gates", "cpu"), [(37, {}, "6"), (36, {}, "6"), (37, {LEVEL: False}, "5"), (34, {}, "5")]
)
def test_resources_of_the_pod_are_kept_without_the_gate(
    version: int, gates: Mapping[str, bool], cpu: str
) -> None:
    new = _with({**OF_POD, "limits": {"cpu": "6"}})
    prepared = prepare_pod_update(new, _with(OF_POD), "resize", gates=read_feature_gates(gates, version))
    assert prepared["spec"]["resources"]["limits"]["cpu"] == cpu


@pytest.mark.parametrize(("version", "expected"), [(37, OF_POD), (36, None)])
def test_a_client_that_leaves_resources_of_the_pod_out(version: int, expected: Any) -> None:
    gates = FeatureGates(version)
    for sub_resource in ("", "resize"):
        prepared = prepare_pod_update(_with(None), _with(OF_POD), sub_resource, gates=gates)
        assert prepared["spec"].get("resources") == expected
