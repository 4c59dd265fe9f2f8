"""What defaulting changes of typed pods: host ports, volumes without a source, AppArmor's annotations.

Source: kubernetes 1.37.2 pkg/apis/core/v1/defaults.go, SetDefaults_Pod and SetDefaults_Volume;
pkg/registry/core/pod/strategy.go, applyAppArmorVersionSkew.
"""

import copy
import json
from typing import Any

import msgspec
import pytest

from podproof.kube.default_pod import default_pod
from podproof.kube.pod import raw_pod

KEY = "container.apparmor.security.beta.kubernetes.io/"
PORT = {"containerPort": 80}
FILLED = {"containerPort": 80, "hostPort": 80}


def pod(spec: Any, annotations: Any = None) -> dict[str, Any]:
    return {"metadata": {"name": "p", "annotations": annotations}, "spec": spec}


def defaulted(raw: dict[str, Any]) -> Any:
    typed = raw_pod(copy.deepcopy(raw))
    made = default_pod(typed)
    return None if made is typed else json.loads(msgspec.json.encode(made))["spec"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"containers": [{"name": "c", "ports": [PORT]}]}, None),
        ({"hostNetwork": False, "containers": [{"name": "c", "ports": [PORT]}]}, None),
        ({"hostNetwork": True, "containers": [{"name": "c"}]}, None),
        ({"hostNetwork": True, "containers": [{"name": "c", "ports": [FILLED]}]}, None),
        ({"hostNetwork": True, "containers": [{"name": "c", "ports": [{"name": "x"}]}]}, None),
        ({"hostNetwork": True, "containers": [{"name": "c", "ports": [{"containerPort": 0}]}]}, None),
        (
            {"hostNetwork": True, "containers": [{"name": "a"}, {"name": "c", "ports": [PORT, FILLED]}]},
            {"containers": [{"name": "a"}, {"name": "c", "ports": [FILLED, FILLED]}]},
        ),
        (
            {"hostNetwork": True, "containers": [{"name": "c", "ports": [{**PORT, "hostPort": 0}]}]},
            {"containers": [{"name": "c", "ports": [FILLED]}]},
        ),
        (
            {"hostNetwork": True, "containers": [{"name": "c", "ports": [{**PORT, "hostPort": 81}, PORT]}]},
            {"containers": [{"name": "c", "ports": [{**PORT, "hostPort": 81}, FILLED]}]},
        ),
        (
            {"hostNetwork": True, "initContainers": [{"name": "i", "ports": [PORT]}]},
            {"initContainers": [{"name": "i", "ports": [FILLED]}]},
        ),
        # ports of ephemeral containers are forbidden, and not filled in
        ({"hostNetwork": True, "ephemeralContainers": [{"name": "e", "ports": [PORT]}]}, None),
    ],
)
def test_ports_on_the_hosts_network(spec: dict[str, Any], expected: Any) -> None:
    found = defaulted(pod(spec))
    assert found == (None if expected is None else {"hostNetwork": True, **expected})


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ([], None),
        ([{"name": "v", "emptyDir": {}}], None),
        ([{"name": "v", "secret": {}}, {"name": "w", "configMap": {}}], None),
        ([{"name": "v", "projected": {}}, {"name": "w", "hostPath": {"path": "/"}}], None),
        ([{"name": "v", "nfs": {}}, {"name": "w", "persistentVolumeClaim": {}}], None),
        ([{"name": "v"}], [{"name": "v", "emptyDir": {}}]),
        ([{}], [{"emptyDir": {}}]),
        (
            [{"name": "v", "secret": {}}, {"name": "w"}, {"name": "x", "csi": {}}, {"name": "y"}],
            [
                {"name": "v", "secret": {}},
                {"name": "w", "emptyDir": {}},
                {"name": "x", "csi": {}},
                {"name": "y", "emptyDir": {}},
            ],
        ),
    ],
)
def test_volumes_without_a_source(volumes: Any, expected: Any) -> None:
    found = defaulted(pod({"volumes": volumes}))
    names = None if found is None else [set(volume) for volume in found["volumes"]]
    assert names == (None if expected is None else [set(volume) for volume in expected])


RUNTIME, OPEN = {"type": "RuntimeDefault"}, {"type": "Unconfined"}
LOCAL = {"type": "Localhost", "localhostProfile": "p"}


@pytest.mark.parametrize(
    ("annotations", "spec", "profiles"),
    [
        ({f"{KEY}c": "runtime/default"}, {}, {"c": RUNTIME}),
        ({f"{KEY}c": "localhost/p", f"{KEY}d": "unconfined"}, {}, {"c": LOCAL, "d": OPEN}),
        ({f"{KEY}i": "localhost/p", f"{KEY}e": "unconfined"}, {}, {"i": LOCAL, "e": OPEN}),
        ({f"{KEY}x": "runtime/default"}, {}, {}),
        ({f"{KEY}c": "odd", f"{KEY}d": None}, {}, {}),
        ({"other/c": "unconfined"}, {}, {}),
        # the pod's own profile is not repeated, another one is written
        ({f"{KEY}c": "localhost/p"}, {"securityContext": {"appArmorProfile": LOCAL}}, {}),
        ({f"{KEY}c": "localhost/q"}, {"securityContext": {"appArmorProfile": LOCAL}},
         {"c": {**LOCAL, "localhostProfile": "q"}}),
        ({f"{KEY}c": "unconfined"}, {"securityContext": {"appArmorProfile": LOCAL}}, {"c": OPEN}),
        ({f"{KEY}c": "unconfined"}, {"securityContext": {}}, {"c": OPEN}),
        # a container's own field stays
        ({f"{KEY}own": "unconfined"}, {}, {}),
        ({f"{KEY}c": "unconfined"}, {"os": {"name": "windows"}}, {}),
        ({f"{KEY}c": "unconfined"}, {"os": {"name": "linux"}}, {"c": OPEN}),
    ],
)  # fmt: skip
def test_annotations_of_apparmor(annotations: Any, spec: Any, profiles: dict[str, Any]) -> None:
    own = {"name": "own", "securityContext": {"appArmorProfile": RUNTIME, "runAsUser": 1}}
    raw = pod(
        {
            "initContainers": [{"name": "i"}],
            "containers": [{"name": "c"}, {"name": "d", "securityContext": {"runAsUser": 2}}, own],
            "ephemeralContainers": [{"name": "e"}],
            **spec,
        },
        annotations,
    )
    made = defaulted(raw) or raw["spec"]
    found = {
        container["name"]: container["securityContext"]["appArmorProfile"]
        for kind in ("initContainers", "containers", "ephemeralContainers")
        for container in made[kind]
        if (container.get("securityContext") or {}).get("appArmorProfile")
    }
    assert found == {"own": RUNTIME, **profiles}
    assert made["containers"][1]["securityContext"]["runAsUser"] == 2
    assert made["containers"][2]["securityContext"]["runAsUser"] == 1


def test_pods_with_little() -> None:
    for raw in (
        {},
        {"spec": None},
        {"spec": {}},
        pod({}, {}),
        pod({"hostNetwork": True}),
        pod(None, {KEY: "a"}),
    ):
        assert defaulted(raw) is None, raw
    assert defaulted({"spec": {"volumes": [{"name": "v"}]}}) is not None
