"""NodeDeclaredFeatureValidator: what an update needs of the node that the pod runs on."""

from typing import Any

import pytest

from podproof.admission.cluster import Cluster

from .requests import GOOD, namespace, pod, request

LEVEL = "InPlacePodLevelResourcesVerticalScaling"
INIT = "InPlacePodVerticalScalingInitContainers"
MEMORY = "InPlacePodVerticalScalingMemoryBackedVolumes"
REFUSED = 'pods "p" is forbidden: pod update requires features {} which are not available on node "node"'


def _node(*features: str, name: str = "node") -> dict[str, Any]:
    status = {"declaredFeatures": list(features)}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": status}


def _pod(cpu: str = "1", init: str = "1", size: str = "1Gi", **spec: Any) -> dict[str, Any]:
    first = {"name": "i", "image": "i:1", "securityContext": GOOD, "resources": {"requests": {"cpu": init}}}
    volume = {"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": size}}
    return pod(
        **{
            "nodeName": "node",
            "initContainers": [first],
            "volumes": [volume],
            "resources": {"requests": {"cpu": cpu}, "limits": {"cpu": "9"}},
            **spec,
        }
    )


def _message(new: dict[str, Any], *objects: Any, version: str = "v1.37", **options: Any) -> str | None:
    gates = options.pop("gates", {})
    cluster = Cluster.from_objects([namespace(), *objects], kubernetes_version=version, feature_gates=gates)
    old = options.pop("old", _pod())
    return cluster.admit(request(new, old, subResource="resize", name="p", **options)).message


@pytest.mark.parametrize(
    ("new", "declared", "missing"),
    [
        (_pod(cpu="2"), (), LEVEL),
        (_pod(cpu="2"), (LEVEL,), None),
        (_pod(init="500m"), (LEVEL, MEMORY), INIT),
        (_pod(init="500m"), (INIT,), None),
        (_pod(size="2Gi"), (LEVEL,), MEMORY),
        (_pod(size="2Gi"), (MEMORY,), None),
        (_pod(cpu="2", init="500m", size="2Gi"), (INIT,), f"{LEVEL}, {MEMORY}"),
        (_pod(cpu="1000m", size="1024Mi"), (), None),
    ],
)
def test_what_the_node_has_to_declare(
    new: dict[str, Any], declared: tuple[str, ...], missing: str | None
) -> None:
    expected = None if missing is None else REFUSED.format(missing)
    assert _message(new, _node(*declared), gates={MEMORY: True}) == expected


def test_a_sidecar_needs_nothing() -> None:
    def sidecar(cpu: str) -> dict[str, Any]:
        changed = _pod(init=cpu)
        changed["spec"]["initContainers"][0]["restartPolicy"] = "Always"
        return changed

    assert _message(sidecar("1"), _node(), old=sidecar("500m")) is None


def test_where_the_node_is_not_known() -> None:
    larger = _pod(cpu="2")
    assert _message(larger) is None, "no Node is among the objects"
    assert _message(larger, _node(name="other")) == 'pods "p" is forbidden: node "node" not found'
    unbound = _pod(cpu="2", nodeName="")
    assert _message(unbound, _node(name="other"), old=_pod(nodeName="")) is None
    assert _message(larger, _node() | {"status": None}) == REFUSED.format(LEVEL)


def test_the_gate_and_the_version_decide_whether_it_is_asked() -> None:
    larger = _pod(cpu="2")
    assert _message(larger, _node(), version="v1.36") == REFUSED.format(LEVEL)
    assert _message(larger, _node(), version="v1.36", gates={"NodeDeclaredFeatures": False}) is None
    assert _message(larger, _node(), version="v1.35", gates={LEVEL: True}) is None
    grown = _pod(size="2Gi")
    assert _message(grown, _node(), version="v1.36") is None, "the server keeps the old volumes"


def test_creations_and_other_subresources_are_not_asked() -> None:
    cluster = Cluster.from_objects([namespace(), _node()])
    assert cluster.admit(request(_pod())).allowed
    debugged = _pod(ephemeralContainers=[{"name": "e", "image": "i:1", "securityContext": GOOD}])
    asked = request(debugged, _pod(), subResource="ephemeralcontainers", name="p")
    assert cluster.admit(asked).allowed
