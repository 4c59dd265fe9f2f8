"""What counts as unchanged when an update is judged: Go's semantic equality of decoded objects."""

from typing import Any

import pytest

from podproof.kube.equal import semantically_equal
from podproof.kube.types import resolve

POD = "core/v1.PodSpec"
CONTAINER = "core/v1.Container"
RESOURCES = "core/v1.ResourceRequirements"


@pytest.mark.parametrize(
    ("type_", "one", "other", "equal"),
    [
        (CONTAINER, {"name": "c"}, {"name": "c"}, True),
        (CONTAINER, {"name": "c"}, {"name": "d"}, False),
        (CONTAINER, {"name": "c"}, {"name": "c", "image": ""}, True),
        (CONTAINER, {"name": "c"}, {"name": "c", "image": "i"}, False),
        (CONTAINER, {}, None, True),
        (CONTAINER, None, {"stdin": False}, True),
        (CONTAINER, None, {"stdin": True}, False),
        (CONTAINER, {"stdin": False}, {"stdin": None}, True),
        # empty lists and maps are none
        (CONTAINER, {}, {"command": []}, True),
        (CONTAINER, {"command": []}, {"command": None}, True),
        (CONTAINER, {"command": ["a"]}, {"command": []}, False),
        (CONTAINER, {"command": ["a"]}, {"command": ["a", "b"]}, False),
        (CONTAINER, {"command": ["a", "b"]}, {"command": ["b", "a"]}, False),
        (CONTAINER, {"command": ["a", ""]}, {"command": ["a", None]}, True),
        (POD, {"nodeSelector": {}}, {}, True),
        (POD, {"nodeSelector": {"a": "b"}}, {"nodeSelector": {"a": "c"}}, False),
        (POD, {"nodeSelector": {"a": "b"}}, {"nodeSelector": {"c": "b"}}, False),
        (POD, {"nodeSelector": {"a": "b"}}, {"nodeSelector": {"a": "b"}}, True),
        (POD, {"nodeSelector": {"a": "b"}}, {"nodeSelector": {"a": "b", "c": "d"}}, False),
        # behind a pointer absent is not zero
        (POD, {}, {"hostUsers": False}, False),
        (POD, {"hostUsers": None}, {}, True),
        (POD, {"hostUsers": False}, {"hostUsers": False}, True),
        (POD, {"hostUsers": False}, {"hostUsers": True}, False),
        (POD, {}, {"activeDeadlineSeconds": 0}, False),
        (POD, {"activeDeadlineSeconds": 5}, {"activeDeadlineSeconds": 5}, True),
        (POD, {"activeDeadlineSeconds": 5}, {"activeDeadlineSeconds": 6}, False),
        (POD, {}, {"runtimeClassName": ""}, False),
        (POD, {}, {"securityContext": {}}, False),
        (POD, {"securityContext": {}}, {"securityContext": {"sysctls": []}}, True),
        (POD, {"securityContext": {}}, {"securityContext": {"fsGroup": 0}}, False),
        # where there is none, it is
        (POD, {}, {"hostNetwork": False}, True),
        (POD, {}, {"priorityClassName": ""}, True),
        (POD, {"hostNetwork": True}, {}, False),
        # quantities by their amount
        (RESOURCES, {"limits": {"cpu": "1"}}, {"limits": {"cpu": "1000m"}}, True),
        (RESOURCES, {"limits": {"cpu": "1"}}, {"limits": {"cpu": "1001m"}}, False),
        (RESOURCES, {"limits": {"cpu": "0"}}, {"limits": {"cpu": None}}, True),
        (RESOURCES, {"limits": {"cpu": "1"}}, {"limits": {"cpu": None}}, False),
        (RESOURCES, {"limits": {"cpu": "1"}}, {"limits": {"memory": "1"}}, False),
        (RESOURCES, {"limits": {"cpu": "odd"}}, {"limits": {"cpu": "odd"}}, True),
        (RESOURCES, {"limits": {"cpu": "odd"}}, {"limits": {"cpu": "strange"}}, False),
    ],
)
def test_two_values(type_: str, one: Any, other: Any, equal: bool) -> None:
    assert semantically_equal(one, other, resolve(type_, 37)) is equal
    assert semantically_equal(other, one, resolve(type_, 37)) is equal
