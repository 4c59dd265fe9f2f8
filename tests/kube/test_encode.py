"""Which empty values the API server prints, and in which order keys come.

Source: Go 1.26 encoding/json with the tags of k8s.io/api v0.37.2; apimachinery Quantity.MarshalJSON.
"""

import json
from typing import Any

import pytest

from podproof.kube.encode import encode
from podproof.kube.types import resolve


@pytest.mark.parametrize(
    ("type_", "value", "written"),
    [
        # omitempty leaves out zero values, but not those behind a pointer
        ("Container", {"stdin": False, "tty": True, "image": ""}, {"name": "", "resources": {}, "tty": True}),
        ("Container", {"command": [], "args": ["b", "a"]}, {"name": "", "args": ["b", "a"], "resources": {}}),
        ("Container", {"env": None, "livenessProbe": {}}, {"name": "", "resources": {}, "livenessProbe": {}}),
        ("PodSpec", {"containers": [], "priority": 0}, {"containers": [], "priority": 0}),
        ("PodSpec", {"hostUsers": False, "hostPID": False}, {"containers": None, "hostUsers": False}),
        ("PodSpec", {"runtimeClassName": ""}, {"containers": None, "runtimeClassName": ""}),
        ("PodSpec", {"securityContext": {}, "nodeSelector": {}}, {"containers": None, "securityContext": {}}),
        # what is always printed has its zero value
        ("ContainerPort", {}, {"containerPort": 0}),
        ("ContainerPort", {"hostPort": 0, "containerPort": 80}, {"containerPort": 80}),
        ("EnvVar", {}, {"name": ""}),
        ("EnvVar", {"name": None, "value": None}, {"name": ""}),
        ("VolumeMount", {"readOnly": False}, {"name": "", "mountPath": ""}),
        ("NodeSelector", {}, {"nodeSelectorTerms": None}),
        ("NodeSelector", {"nodeSelectorTerms": [{}]}, {"nodeSelectorTerms": [{}]}),
        ("HTTPGetAction", {}, {"port": 0}),
        ("HTTPGetAction", {"port": "web", "path": ""}, {"port": "web"}),
        ("Pod", {}, {"metadata": {}, "spec": {}, "status": {}}),
        ("ISCSIVolumeSource", {}, {"targetPortal": "", "iqn": "", "lun": 0}),
        # quantities are canonical; one that cannot be read stays
        ("EmptyDirVolumeSource", {"sizeLimit": "1024Mi", "medium": ""}, {"sizeLimit": "1Gi"}),
        ("EmptyDirVolumeSource", {"sizeLimit": "0"}, {"sizeLimit": "0"}),
        ("ResourceFieldSelector", {"divisor": 0}, {"resource": "", "divisor": "0"}),
        ("ResourceFieldSelector", {"divisor": "odd"}, {"resource": "", "divisor": "odd"}),
        ("ResourceRequirements", {"limits": {"cpu": "1000m"}, "requests": {}}, {"limits": {"cpu": "1"}}),
    ],
)
def test_what_is_printed(type_: str, value: dict[str, Any], written: dict[str, Any]) -> None:
    before = json.dumps(value)
    assert encode(value, resolve(f"core/v1.{type_}", 37)) == written
    assert json.dumps(value) == before


@pytest.mark.parametrize(
    ("type_", "value", "written"),
    [
        ("PodSpec", {"containers": [], "hostPID": True, "volumes": [{"name": "v"}]},
         '{"volumes": [{"name": "v"}], "containers": [], "hostPID": true}'),
        ("PodSpec", {"containers": [], "nodeSelector": {"b": "1", "B": "2", "a": "3"}},
         '{"containers": [], "nodeSelector": {"B": "2", "a": "3", "b": "1"}}'),
        ("ResourceRequirements", {"requests": {"cpu": "1"}, "limits": {"memory": "1", "cpu": "2"}},
         '{"limits": {"cpu": "2", "memory": "1"}, "requests": {"cpu": "1"}}'),
    ],
)  # fmt: skip
def test_the_order_of_keys(type_: str, value: dict[str, Any], written: str) -> None:
    assert json.dumps(encode(value, resolve(f"core/v1.{type_}", 37))) == written


def test_what_no_type_has_is_left_out() -> None:
    assert encode({"name": "a", "unknown": 1}, resolve("core/v1.EnvVar", 37)) == {"name": "a"}
