"""Why an object of the cluster cannot be read, by what is wrong in it."""

from typing import Any

import pytest

from podproof.admission.cluster_object import shape_fault

REFERENCE = {"kind": "ClusterRole", "name": "r"}


def _object(kind: str, **rest: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "x"}, **rest}


@pytest.mark.parametrize(
    "object_",
    [
        {"kind": "Other"},
        {},
        _object("Pod", spec=7),
        _object("PodSecurityPolicy", spec=7),
        *(
            _object(kind, rules=7, roleRef=7, subjects=7, aggregationRule=7)
            for kind in ("Namespace", "ServiceAccount", "Pod", "PodSecurityPolicy")
        ),
        _object("Role", roleRef=7, subjects=7),
        _object("RoleBinding", roleRef=REFERENCE, rules=7, aggregationRule=7),
        _object("ServiceAccount", metadata={"name": "x", "namespace": "n", "labels": {"a": None, "b": "c"}}),
        _object("Role"),
        _object("Role", rules=[{"apiGroups": ["a"], "verbs": None}], aggregationRule=7),
        _object(
            "ClusterRole", rules=[], aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
        ),
        _object("RoleBinding", roleRef=REFERENCE, subjects=[{}]),
        _object("ClusterRoleBinding", roleRef=REFERENCE, subjects=None),
    ],
)
def test_what_can_be_read(object_: dict[str, Any]) -> None:
    assert shape_fault(object_) == ""


@pytest.mark.parametrize(
    ("object_", "fault"),
    [
        (7, "an object must be a mapping, is a number"),
        ({"kind": "Role"}, "a Role has no name"),
        ({"kind": "Role", "metadata": {"name": 7}}, "a Role has no name"),
        ({"kind": "Role", "metadata": {"name": ""}}, "a Role has no name"),
        *(
            case
            for kind in (
                "Role",
                "ClusterRole",
                "RoleBinding",
                "ClusterRoleBinding",
                "Namespace",
                "ServiceAccount",
                "Pod",
                "PodSecurityPolicy",
            )
            for case in (
                ({"kind": kind}, f"a {kind} has no name"),
                (
                    _object(kind, metadata={"name": "x", "namespace": 7}),
                    f"{kind} 'x' has a namespace that is not text",
                ),
            )
        ),
        (
            _object("Namespace", metadata={"name": "x", "labels": []}),
            "Namespace 'x' has labels that are not strings",
        ),
        (
            _object("Namespace", metadata={"name": "x", "labels": {"a": 1}}),
            "Namespace 'x' has labels that are not strings",
        ),
        *(
            (
                _object("ClusterRole", aggregationRule=rule),
                "ClusterRole 'x' has an aggregationRule that cannot be read",
            )
            for rule in (7, {}, {"clusterRoleSelectors": {}}, {"clusterRoleSelectors": [7]})
        ),
        *(
            (_object(kind, rules={}), f"{kind} 'x' has rules that are not a list")
            for kind in ("Role", "ClusterRole")
        ),
        (_object("Role", rules=[{}, 7]), "Role 'x' has rules[1] that is not an object"),
        *(
            (
                _object("Role", rules=[{}, {key: value}]),
                f"Role 'x' has rules[1].{key} that is not a list of strings",
            )
            for key in ("apiGroups", "resources", "verbs", "resourceNames")
            for value in ("*", [1])
        ),
        *(
            (_object(kind, roleRef=reference), f"{kind} 'x' has a roleRef without kind and name")
            for kind in ("RoleBinding", "ClusterRoleBinding")
            for reference in (None, "r", {"kind": "Role"}, {"name": "r"}, {"kind": "Role", "name": 7})
        ),
        (
            _object("RoleBinding", roleRef=REFERENCE, subjects={}),
            "RoleBinding 'x' has subjects that are not a list",
        ),
        (
            _object("RoleBinding", roleRef=REFERENCE, subjects=[{}, 7]),
            "RoleBinding 'x' has a subject that is not an object",
        ),
    ],
)
def test_what_cannot(object_: Any, fault: str) -> None:
    assert shape_fault(object_) == fault
