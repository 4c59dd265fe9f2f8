"""What a defaulted object loses again is required: validation does not count on defaults.

Source: kubernetes 1.37.2 pkg/apis/core/validation, pkg/apis/apps/validation, pkg/apis/batch/validation.
"""

import copy
from typing import Any

import pytest

from podproof.kube.defaults import apply_defaults
from podproof.kube.validation import validate

CONTAINER = {
    "name": "c",
    "image": "i",
    "ports": [{"containerPort": 80}],
    "livenessProbe": {"httpGet": {"port": 80}},
    "env": [
        {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "B", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
    ],
}
SOURCES = [
    {"serviceAccountToken": {"path": "x"}},
    {"downwardAPI": {"items": [{"path": "a", "fieldRef": {"fieldPath": "metadata.name"}}]}},
]
SPEC = {
    "containers": [CONTAINER],
    "initContainers": [{"name": "i", "image": "i"}],
    "volumes": [{"name": "v"}, {"name": "w", "projected": {"sources": SOURCES}}],
    "serviceAccountName": "a",
}
TEMPLATE = {
    "metadata": {"labels": {"a": "b"}},
    "spec": {"containers": [{"name": "c", "image": "i"}]},
}
SELECTED = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}
NEVER = {**TEMPLATE, "spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}}
OBJECTS: dict[str, dict[str, Any]] = {
    "Pod": SPEC,
    "Deployment": SELECTED,
    "DaemonSet": SELECTED,
    "StatefulSet": SELECTED,
    "ReplicaSet": SELECTED,
    "ReplicationController": {"selector": {"a": "b"}, "template": TEMPLATE},
    "CronJob": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": NEVER}}},
}


def judged(kind: str, path: tuple[str | int, ...] = ()) -> list[str]:
    """Default an object, take one field away and give what is said of it."""
    value: Any = {"metadata": {"name": "x"}, "spec": copy.deepcopy(OBJECTS[kind])}
    apply_defaults(kind, value)
    holder = value["spec"]
    for step in path[:-1]:
        holder = holder[step]
    if path:
        del holder[path[-1]]
    return [error.text for error in validate(kind, value, version=37)]


@pytest.mark.parametrize("kind", OBJECTS)
def test_what_is_defaulted_is_valid(kind: str) -> None:
    assert judged(kind) == []


C: tuple[str | int, ...] = ("containers", 0)
PROJECTED: tuple[str | int, ...] = ("volumes", 1, "projected", "sources")
HTTP = "spec.containers[0].livenessProbe.httpGet"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("terminationGracePeriodSeconds",), "spec.terminationGracePeriodSeconds: Required value"),
        (("restartPolicy",), "spec.restartPolicy: Required value"),
        (("dnsPolicy",), "spec.dnsPolicy: Required value"),
        ((*C, "imagePullPolicy"), "spec.containers[0].imagePullPolicy: Required value"),
        ((*C, "terminationMessagePolicy"), "spec.containers[0].terminationMessagePolicy: Required value"),
        (("initContainers", 0, "imagePullPolicy"), "spec.initContainers[0].imagePullPolicy: Required value"),
        ((*C, "ports", 0, "protocol"), "spec.containers[0].ports[0].protocol: Required value"),
        ((*C, "ports", 0, "containerPort"), "spec.containers[0].ports[0].containerPort: Required value"),
        ((*C, "livenessProbe", "httpGet", "path"), f"{HTTP}.path: Required value"),
        (
            (*C, "livenessProbe", "httpGet", "scheme"),
            f'{HTTP}.scheme: Unsupported value: "": supported values: "HTTP", "HTTPS"',
        ),
        (
            (*C, "livenessProbe", "successThreshold"),
            "spec.containers[0].livenessProbe.successThreshold: Invalid value: 0: must be 1",
        ),
        (
            (*C, "env", 0, "valueFrom", "fieldRef", "apiVersion"),
            "spec.containers[0].env[0].valueFrom.fieldRef.apiVersion: Required value",
        ),
        ((*C, "env", 1, "valueFrom", "resourceFieldRef", "divisor"), None),
        ((*C, "env", 1, "name"), "spec.containers[0].env[1].name: Required value"),
        (("volumes", 0, "emptyDir"), "spec.volumes[0]: Required value: must specify a volume type"),
        (
            (*PROJECTED, 0, "serviceAccountToken", "expirationSeconds"),
            "spec.volumes[1].projected.sources[0].serviceAccountToken.expirationSeconds: Required value",
        ),
        (
            (*PROJECTED, 1, "downwardAPI", "items", 0, "fieldRef", "apiVersion"),
            "spec.volumes[1].projected.sources[1].downwardAPI.fieldRef.apiVersion: Required value",
        ),
    ],
)
def test_pods(path: tuple[str | int, ...], words: str | None) -> None:
    assert judged("Pod", path) == ([words] if words else [])


@pytest.mark.parametrize(
    ("kind", "path", "words"),
    [
        (
            "Deployment",
            ("strategy", "rollingUpdate"),
            ["spec.strategy.rollingUpdate: Required value: this should be defaulted and never be nil"],
        ),
        (
            "Deployment",
            ("strategy", "type"),
            [
                'spec.strategy: Unsupported value: {"Type":"","RollingUpdate":{"MaxUnavailable":"25%",'
                '"MaxSurge":"25%"}}: supported values: "Recreate", "RollingUpdate"'
            ],
        ),
        (
            "DaemonSet",
            ("updateStrategy", "rollingUpdate"),
            ["spec.updateStrategy.rollingUpdate: Required value"],
        ),
        ("StatefulSet", ("podManagementPolicy",), ["spec.podManagementPolicy: Required value"]),
        ("StatefulSet", ("updateStrategy",), ["spec.updateStrategy: Required value"]),
        ("ReplicationController", ("replicas",), ["spec.replicas: Required value"]),
        ("CronJob", ("concurrencyPolicy",), ["spec.concurrencyPolicy: Required value"]),
        ("CronJob", ("schedule",), ["spec.schedule: Required value"]),
    ],
)
def test_workloads(kind: str, path: tuple[str | int, ...], words: list[str]) -> None:
    assert judged(kind, path) == words


@pytest.mark.parametrize("kind", ["Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"])
def test_templates(kind: str) -> None:
    spec = ("template", "spec")
    assert judged(kind, (*spec, "dnsPolicy")) == ["spec.template.spec.dnsPolicy: Required value"]
    assert judged(kind, (*spec, "restartPolicy")) == [
        "spec.template.spec.restartPolicy: Required value",
        'spec.template.spec.restartPolicy: Unsupported value: "": supported values: "Always"',
    ]
