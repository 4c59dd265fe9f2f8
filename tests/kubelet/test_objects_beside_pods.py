"""The objects beside the pods: by which names they are found, and what has no name."""

from typing import Any

import pytest

from podproof.kubelet.objects import Objects, namespace_of


@pytest.mark.parametrize(
    ("metadata", "namespace"),
    [(None, "default"), ({}, "default"), ({"namespace": ""}, "default"), ({"namespace": "shop"}, "shop")],
)
def test_the_namespace(metadata: Any, namespace: str) -> None:
    value = {"kind": "Secret", "metadata": metadata}
    assert namespace_of(value) == namespace
    assert Objects([value]).find("Secret", namespace, "") is value


def test_kind_namespace_and_name_decide() -> None:
    secret: dict[str, Any] = {"kind": "Secret", "metadata": {"name": "a", "namespace": "n"}}
    objects = Objects([secret, {"kind": "ConfigMap", "metadata": {"name": "b", "namespace": "n"}}])
    assert objects.find("Secret", "n", "a") is secret
    for key in (("ConfigMap", "n", "a"), ("Secret", "default", "a"), ("Secret", "n", "b")):
        assert objects.find(*key) is None
    later = {**secret, "data": {}}
    objects.add(later)
    assert objects.find("Secret", "n", "a") is later


def test_what_has_no_namespace_is_found_without_one() -> None:
    runtime = {"kind": "RuntimeClass", "metadata": {"name": "a"}}
    objects = Objects([{"kind": "Secret", "metadata": {"name": "a"}}, runtime])
    assert objects.named("RuntimeClass", "a") is runtime
    assert (objects.named("RuntimeClass", "b"), objects.named("Role", "a")) == (None, None)


@pytest.mark.parametrize("odd", [7, [1], {"a": 1}, [], None, True])
def test_what_is_no_name_is_in_nobodys_way(odd: Any) -> None:
    objects = Objects([{"kind": odd, "metadata": {"name": odd, "namespace": odd}}])
    assert objects.find("Secret", "default", "a") is None
