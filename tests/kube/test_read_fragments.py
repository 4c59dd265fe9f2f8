"""Pieces of manifests without apiVersion: what each is taken for, what is filled in, where its fields are."""

from typing import Any

import pytest

from podproof.kube.fragment import (
    CONTAINER_FIELDS,
    NEUTRAL_NAME,
    POD_SPEC_FIELDS,
    Piece,
    recognize_list,
    recognize_mapping,
)
from podproof.kube.types import resolve

Value = dict[str, Any]
OBJECT = ("apiVersion", "kind", "metadata.name")
MISSING = ("apiVersion", "kind")
NEUTRAL = {
    "name": "fragment",
    "image": "fragment",
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
C = {"name": "c", "image": "i"}


def _pod(**spec: Any) -> Value:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "fragment"}, "spec": spec}


def test_the_fields_are_those_of_the_types() -> None:
    new = {"hostnameOverride", "schedulingGroup", "evictionResponders"}
    assert resolve("core/v1.PodSpec", 37).fields.keys() == POD_SPEC_FIELDS | new
    ephemeral = resolve("core/v1.EphemeralContainer", 37).fields.keys()
    assert ephemeral == CONTAINER_FIELDS | {"restartPolicyRules"}
    assert NEUTRAL_NAME == "fragment"


@pytest.mark.parametrize("items", [[C], [C, {"image": "i", "securityContext": {}}]])
def test_a_list_of_containers(items: list[Any]) -> None:
    expected = Piece(
        "list of containers",
        (*OBJECT, "spec.containers"),
        _pod(containers=items),
        ((("spec", "containers"), ()),),
    )
    assert recognize_list(items) == expected


@pytest.mark.parametrize(
    "items", [[], [{"name": "c"}], [C, {"name": "d"}], ["a"], [5], [{**C, "kind": "Pod"}]]
)
def test_no_list_of_containers(items: list[Any]) -> None:
    assert recognize_list(items) is None


POD_CONTEXT: Value = {"runAsUser": 1}


@pytest.mark.parametrize(
    ("value", "what", "missing", "pod", "prefixes", "filled_in"),
    [
        (
            {"spec": {"containers": [C]}},
            "pod template",
            (*MISSING, "metadata.name"),
            _pod(containers=[C]),
            (((), ()),),
            False,
        ),
        (
            {"metadata": {"name": "p"}, "spec": {"containers": [C]}},
            "pod template",
            MISSING,
            {**_pod(containers=[C]), "metadata": {"name": "p"}},
            (((), ()),),
            False,
        ),
        (
            {"metadata": {"labels": {}}, "spec": {"containers": [C]}},
            "pod template",
            (*MISSING, "metadata.name"),
            {**_pod(containers=[C]), "metadata": {"name": "fragment", "labels": {}}},
            (((), ()),),
            False,
        ),
        (
            {"spec": {"initContainers": [C]}},
            "pod template",
            (*MISSING, "metadata.name"),
            _pod(initContainers=[C]),
            (((), ()),),
            False,
        ),
        (
            {"spec": {"securityContext": POD_CONTEXT, "hostPID": True}},
            "pod template",
            (*MISSING, "metadata.name", "spec.containers"),
            _pod(securityContext=POD_CONTEXT, hostPID=True, containers=[NEUTRAL]),
            (((), ()),),
            True,
        ),
        (
            {"containers": [C], "hostPID": True},
            "pod spec",
            (*OBJECT, "spec"),
            _pod(containers=[C], hostPID=True),
            ((("spec",), ()),),
            False,
        ),
        (
            {"containers": [{"name": "c"}]},
            "pod spec",
            (*OBJECT, "spec"),
            _pod(containers=[{"name": "c"}]),
            ((("spec",), ()),),
            False,
        ),
        (
            C,
            "container",
            (*OBJECT, "spec.containers"),
            _pod(containers=[C]),
            ((("spec", "containers", 0), ()),),
            False,
        ),
        (
            {"securityContext": {"privileged": True}},
            "container's security context",
            (*OBJECT, "spec.containers"),
            _pod(
                containers=[
                    {"name": "fragment", "image": "fragment", "securityContext": {"privileged": True}}
                ]
            ),
            ((("spec", "containers", 0, "securityContext"), ("securityContext",)),),
            False,
        ),
        (
            {"privileged": True, "runAsUser": 1},
            "container's security context",
            (*OBJECT, "spec.containers"),
            _pod(
                containers=[
                    {
                        "name": "fragment",
                        "image": "fragment",
                        "securityContext": {"privileged": True, "runAsUser": 1},
                    }
                ]
            ),
            ((("spec", "containers", 0, "securityContext"), ()),),
            False,
        ),
        (
            {"fsGroup": 5},
            "pod's security context",
            (*OBJECT, "spec.containers"),
            _pod(containers=[NEUTRAL], securityContext={"fsGroup": 5}),
            ((("spec", "securityContext"), ()),),
            True,
        ),
        (
            {"securityContext": {"fsGroup": 5, "runAsUser": 1}},
            "pod's security context",
            (*OBJECT, "spec.containers"),
            _pod(containers=[NEUTRAL], securityContext={"fsGroup": 5, "runAsUser": 1}),
            ((("spec", "securityContext"), ("securityContext",)),),
            True,
        ),
    ],
)
def test_a_mapping(
    value: Value, what: Any, missing: tuple[str, ...], pod: Value, prefixes: Any, filled_in: bool
) -> None:
    assert recognize_mapping(value, MISSING) == Piece(what, missing, pod, prefixes, filled_in)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"name": "c"},
        {"image": "i"},
        {"apiVersion": "v1", "containers": [C]},
        {"apiVersion": "v1", **C},
        {"apiVersion": "v1", "securityContext": {}},
        {"containers": []},
        {"containers": {}},
        {"containers": [{}]},
        {"containers": [C, 5]},
        {"securityContext": 5},
        {"securityContext": {}, "other": 1},
        {"runAsUser": 1, "other": 1},  # not more than half
        {"spec": {"securityContext": 5}},
        {"spec": {"securityContext": {}, "a": 1, "b": 2}},  # one unknown in four is let pass
        {"spec": {"containers": [C]}, "a": 1, "b": 2, "c": 3},
        {"metadata": {}, "spec": {"containers": [C]}, "status": {}, "a": 1, "b": 2},
        {"spec": 5},
        {**C, "a": 1, "b": 2},
    ],
)
def test_no_piece(value: Value) -> None:
    assert recognize_mapping(value, MISSING) is None


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"spec": {"securityContext": {}, "a": 1}}, "pod template"),
        ({"spec": {"containers": [C]}, "a": 1}, "pod template"),
        ({"metadata": {}, "spec": {"containers": [C]}, "status": {}, "a": 1}, "pod template"),
        (
            {"apiVersion": "v1", "metadata": {}, "spec": {"containers": [C]}, "status": {}, "a": 1},
            "pod template",
        ),
        ({**C, "a": 1}, "container"),
        (
            {**C, "command": [], "args": [], "env": [], "tty": True, "stdin": True, "a": 1, "b": 1},
            "container",
        ),
        ({"image": "i", "securityContext": {}}, "container"),
        ({"name": "c", "securityContext": {}}, "container"),
        ({"runAsUser": 1, "runAsGroup": 1, "other": 1}, "container's security context"),
        *(
            ({name: 1}, "pod's security context")
            for name in (
                "supplementalGroups",
                "supplementalGroupsPolicy",
                "fsGroup",
                "fsGroupChangePolicy",
                "sysctls",
                "seLinuxChangePolicy",
            )
        ),
        *(
            ({name: 1}, "container's security context")
            for name in (
                "capabilities",
                "privileged",
                "readOnlyRootFilesystem",
                "allowPrivilegeEscalation",
                "procMount",
                "seLinuxOptions",
                "windowsOptions",
                "runAsUser",
                "runAsGroup",
                "runAsNonRoot",
                "seccompProfile",
                "appArmorProfile",
            )
        ),
        ({"fsGroup": 1, "privileged": True}, "container's security context"),
        ({"fsGroup": 1, "sysctls": [], "privileged": True}, "pod's security context"),
    ],
)
def test_what_it_is_taken_for(value: Value, what: str) -> None:
    piece = recognize_mapping(value, MISSING)
    assert piece is not None
    assert piece.what == what
