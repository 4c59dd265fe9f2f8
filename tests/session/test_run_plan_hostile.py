"""Whatever stands beside a pod in its manifests: the run is planned or refused, never a traceback."""

import random
from typing import Any

import pytest

from podproof.kubelet.environment import ConfigProblem, environment
from podproof.kubelet.fields import DownwardValues
from podproof.session.run.plan import plan_objects

VALUES: list[Any] = [
    None, 1, -1, 1.5, True, "", "x", "a b", "\0", "/w==", "é", 10**30, float("inf"),
    [], [1], [300], ["x", None], [{"name": "x"}], {}, {"a": 1}, {"a": "b"}, {"name": "x"},
]  # fmt: skip
KINDS = [
    "ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim", "RuntimeClass", "Service", "Pod",
    "Deployment", "Job", "Node", "Other",
]  # fmt: skip
FIELDS = ("data", "stringData", "binaryData", "type", "imagePullSecrets", "secrets", "handler", "spec")


def _object(chance: random.Random) -> dict[str, Any]:
    def value() -> Any:
        return chance.choice(VALUES)

    named = {"name": value(), "namespace": value(), "labels": value(), "annotations": value()}
    made: dict[str, Any] = {
        "kind": chance.choice(KINDS) if chance.random() < 0.97 else value(),
        "apiVersion": chance.choice(["v1", "v1", "v1", "apps/v1", "batch/v1", value()]),
        "metadata": chance.choice([{"name": "x"}, {"name": "x", "namespace": "default"}, named, value()]),
    }
    for field in FIELDS:
        if chance.random() < 0.4:
            made[field] = chance.choice([value(), {"k": value(), "l.m": value()}])
    return made


def _pod(chance: random.Random) -> dict[str, Any]:
    sources = [
        {"secretRef": {"name": "x", "optional": True}},
        {"configMapRef": {"name": "x", "optional": True}},
    ]
    spec: dict[str, Any] = {
        "serviceAccountName": "x",
        "containers": [{"name": "c", "image": "i", "envFrom": sources}],
    }
    if chance.random() < 0.2:
        spec["runtimeClassName"] = "x"
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}


@pytest.mark.parametrize("count", [500, pytest.param(30_000, marks=pytest.mark.slow)])
def test_no_object_beside_a_pod_ends_the_plan(count: int) -> None:
    chance = random.Random(5)
    configured = 0
    for _ in range(count):
        plan = plan_objects([(_object(chance), "m.yaml:1"), (_pod(chance), "m.yaml:2")])
        for planned in plan.pods:
            for container in planned.pod["spec"]["containers"]:
                try:
                    environment(container, planned.pod, plan.objects, DownwardValues())
                except ConfigProblem:
                    continue
                configured += 1
    assert configured > count / 2
