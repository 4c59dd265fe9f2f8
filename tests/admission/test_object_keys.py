"""By which key an object of the cluster is found: cluster-wide kinds have no namespace, others `default`."""

from typing import Any

import pytest

from podproof.admission.cluster_object import object_key


@pytest.mark.parametrize("kind", ["Namespace", "PodSecurityPolicy", "ClusterRole", "ClusterRoleBinding"])
@pytest.mark.parametrize("namespace", ["n", "", None, 7])
def test_cluster_wide_kinds_have_no_namespace(kind: str, namespace: Any) -> None:
    object_ = {"kind": kind, "metadata": {"name": "x", "namespace": namespace}}
    assert object_key(object_) == (kind, "", "x")


@pytest.mark.parametrize("kind", ["Pod", "Role", "RoleBinding", "ServiceAccount", "Other"])
@pytest.mark.parametrize(("namespace", "key"), [("n", "n"), ("", "default"), (None, "default"), (7, "7")])
def test_others_are_in_a_namespace(kind: str, namespace: Any, key: str) -> None:
    object_ = {"kind": kind, "metadata": {"name": "x", "namespace": namespace}}
    assert object_key(object_) == (kind, key, "x")


@pytest.mark.parametrize(
    ("object_", "key"),
    [
        ({}, ("", "default", "")),
        ({"kind": 7, "metadata": 7}, ("", "default", "")),
        ({"kind": "Pod", "metadata": {"name": 7}}, ("Pod", "default", "")),
        ({"kind": "Namespace", "metadata": None}, ("Namespace", "", "")),
    ],
)
def test_what_has_no_key_of_its_own(object_: dict[str, Any], key: tuple[str, str, str]) -> None:
    assert object_key(object_) == key
