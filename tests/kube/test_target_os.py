"""Which operating system a pod asks for, by its own field, its node selector or its required affinity."""

from typing import Any

import pytest

from podproof.kube.pod import raw_pod
from podproof.kube.target_os import TargetOS, is_for_windows, target_os

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
OS, OLD = "kubernetes.io/os", "beta.kubernetes.io/os"


def _term(*values: str, key: str = OS, operator: str = "In") -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


def _affinity(*terms: Any, kind: str = REQUIRED) -> dict[str, Any]:
    return {"affinity": {"nodeAffinity": {kind: {"nodeSelectorTerms": list(terms)}}}}


BY_FIELD = ("spec", "os", "name")
BY_LABEL = ("spec", "nodeSelector", OS)
BY_AFFINITY = ("spec", "affinity", "nodeAffinity", REQUIRED)
OTHER = {"matchExpressions": [{"key": "a", "operator": "In", "values": ["windows"]}]}


@pytest.mark.parametrize(
    ("spec", "name", "route"),
    [
        ({"os": {"name": "windows"}}, "windows", BY_FIELD),
        ({"os": {"name": "linux"}, "nodeSelector": {OS: "windows"}}, "linux", BY_FIELD),
        ({"os": {"name": ""}, "nodeSelector": {OS: "windows"}}, "windows", BY_LABEL),
        ({"os": {}, "nodeSelector": {OS: "windows"}}, "windows", BY_LABEL),
        ({"nodeSelector": {OLD: "windows"}}, "windows", ("spec", "nodeSelector", OLD)),
        ({"nodeSelector": {OLD: "windows", OS: "linux"}}, "linux", BY_LABEL),
        ({"nodeSelector": {"a": "b"}, **_affinity(_term("windows"))}, "windows", BY_AFFINITY),
        ({"nodeSelector": {OS: ""}, **_affinity(_term("windows"))}, "windows", BY_AFFINITY),
        (_affinity(_term("windows"), _term("windows", key=OLD)), "windows", BY_AFFINITY),
        (
            _affinity(
                {"matchExpressions": [*OTHER["matchExpressions"], *_term("linux")["matchExpressions"]]}
            ),
            "linux",
            BY_AFFINITY,
        ),
        (_affinity(_term("windows"), _term("linux")), None, ()),
        (_affinity(_term("windows"), OTHER), None, ()),
        (_affinity(_term("windows", "linux")), None, ()),
        (_affinity(_term("windows", operator="NotIn")), None, ()),
        (_affinity(_term("")), None, ()),
        (_affinity(_term()), None, ()),
        (_affinity(OTHER), None, ()),
        (_affinity({}), None, ()),
        (_affinity(), None, ()),
        ({"affinity": {}}, None, ()),
        ({"affinity": {"nodeAffinity": {}}}, None, ()),
        ({}, None, ()),
    ],
)
def test_a_spec(spec: dict[str, Any], name: str | None, route: tuple[str, ...]) -> None:
    pod = raw_pod({"spec": spec})
    assert target_os(pod) == (TargetOS(name, route) if name else None)
    assert is_for_windows(pod) is (name == "windows")


def test_a_preference_and_no_spec() -> None:
    term = {"weight": 1, "preference": _term("windows")}
    preferred = {"preferredDuringSchedulingIgnoredDuringExecution": [term]}
    assert target_os(raw_pod({"spec": {"affinity": {"nodeAffinity": preferred}}})) is None
    assert target_os(raw_pod({})) is None
    assert not is_for_windows(raw_pod({}))
