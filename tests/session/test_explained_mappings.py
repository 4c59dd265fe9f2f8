"""Mappings that a program gives to `explain`: of every type, nested however deep."""

from collections import UserDict
from types import MappingProxyType
from typing import Any

import pytest

import podproof


def test_explain_takes_mappings_and_sequences_of_every_type() -> None:
    container = MappingProxyType({"name": "c", "image": "i"})
    pod = {
        "kind": "Pod",
        "metadata": UserDict(name="p"),
        "spec": MappingProxyType({"containers": (container,)}),
    }
    listed = {"apiVersion": "v1", "kind": "List", "items": (pod,)}
    for given in (pod, listed):
        (entry,) = podproof.explain(given)["objects"]
        assert (entry["name"], entry["containers"][0]["name"]) == ("p", "c")


def test_explain_refuses_what_has_no_end() -> None:
    plain = {"kind": "Pod", "metadata": {"name": "p"}}
    pod: dict[str, Any] = {**plain}
    pod["spec"] = pod
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"a": deep}
    for given in (pod, {**plain, "metadata": deep}):
        with pytest.raises(podproof.ManifestError, match="nested too deeply to be read, or holds itself"):
            podproof.explain(given)
