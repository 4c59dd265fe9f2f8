"""How a request may contradict its object, in the server's words where it has some."""

from types import MappingProxyType
from typing import Any

import pytest

from podproof.admission.consistency import contradiction
from podproof.admission.request import read_request

NAME = "the name of the object (p) does not match the name on the URL (q)"
NAMESPACE = "the namespace of the provided object does not match the namespace sent on the request"


@pytest.mark.parametrize(
    ("object_", "rest", "words"),
    [
        ({}, {}, ""),
        (None, {}, ""),
        ({"kind": "Pod"}, {}, ""),
        ({"kind": "Pod"}, {"kind": {"kind": "Pod"}}, ""),
        ({"kind": "Pod"}, {"kind": {"kind": "Job"}}, "the object is a Pod, the review says Job"),
        ({}, {"kind": {"kind": "Job"}}, ""),
        ({"kind": "Job"}, {}, "the object is a Job, the review is about pods"),
        ({"kind": "Job", "apiVersion": "batch/v1"}, {}, "the object is a Job, the review is about pods"),
        ({"kind": "Job", "apiVersion": "other/v1"}, {}, ""),
        ({"kind": "Job", "apiVersion": "extensions/v1"}, {}, "the object is a Job, the review is about pods"),
        ({"kind": "Other"}, {}, ""),
        (
            {"kind": "Pod", "apiVersion": "v1"},
            {"resource": {"group": "x", "resource": "pods"}},
            "the object is a Pod, the review is about pods.x",
        ),
        ({"kind": "Pod", "apiVersion": "v1"}, {"resource": {"group": "", "resource": "pods"}}, ""),
        (
            {"kind": "Deployment", "apiVersion": "extensions/v1beta1"},
            {"resource": {"group": "extensions", "resource": "deployments"}},
            "",
        ),
        ({"kind": ["Job"]}, {}, ""),
        ({"metadata": {"name": "p"}}, {"name": "p"}, ""),
        ({"metadata": {"name": "p"}}, {"name": "q"}, NAME),
        ({"metadata": {"name": "p"}}, {}, ""),
        ({"metadata": {}}, {"name": "q"}, ""),
        ({"metadata": {"namespace": "n"}}, {}, ""),
        ({"metadata": {"namespace": "m"}}, {}, NAMESPACE),
        ({"metadata": 7}, {"name": "q"}, ""),
        ({"metadata": {"name": "p"}}, {"name": "q", "subResource": "binding"}, ""),
        *(({"metadata": {"name": "p"}}, {"name": "q", "subResource": sub}, NAME)
          for sub in ("ephemeralcontainers", "resize", "status")),
    ],
)  # fmt: skip
def test_about_pods(object_: Any, rest: dict[str, Any], words: str) -> None:
    asked = {"resource": {"resource": "pods"}, "namespace": "n", "object": object_, **rest}
    assert contradiction(asked, read_request(asked)) == words
    if isinstance(object_, dict):
        parts = {key: MappingProxyType(v) if isinstance(v, dict) else v for key, v in object_.items()}
        frozen = {**asked, "object": MappingProxyType(parts)}
        assert contradiction(MappingProxyType(frozen), read_request(frozen)) == words


def test_a_namespace_has_none() -> None:
    asked = {
        "resource": {"resource": "namespaces"},
        "object": {"metadata": {"namespace": "m"}},
        "namespace": "n",
    }
    assert contradiction(asked, read_request(asked)) == ""
