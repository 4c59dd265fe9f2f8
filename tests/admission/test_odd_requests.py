"""Requests that Python code hands in: what no client could send is refused with 400, never judged."""

import math
from typing import Any

import pytest

from podproof.admission.cluster import Cluster


def ask(object_: Any) -> Any:
    """Ask an empty cluster to create a pod."""
    request = {
        "uid": "1",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "operation": "CREATE",
        "namespace": "shop",
        "name": "web",
        "object": object_,
    }
    return Cluster.from_objects([]).admit(request, mutated=True)


def pod(user: Any, unknown: Any = None) -> dict[str, Any]:
    """Make a pod whose container has a user."""
    container = {"name": "web", "image": "nginx", "securityContext": {"runAsUser": user}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [container]},
        "unknown": unknown,
    }


HOLDS_ITSELF: list[Any] = []
HOLDS_ITSELF.append(HOLDS_ITSELF)
SHARED: list[Any] = [1.5]
for _ in range(40):
    SHARED = [SHARED, SHARED]


@pytest.mark.parametrize(
    ("object_", "words"),
    [
        (pod(1000.0), "cannot unmarshal number 1000.0 into Go struct field"),
        (pod(1000, {1}), "the object cannot be written as JSON: a value is of type set"),
        (pod(1000, math.nan), "invalid character 'N' looking for beginning of value"),
        (pod(1000, HOLDS_ITSELF), "the object is nested too deeply to be read, or holds itself"),
        (pod(1000, SHARED), "the object is larger than the 33554432 bytes of JSON that a server reads"),
    ],
    ids=["float", "set", "NaN", "holds itself", "shared"],
)
def test_what_no_client_could_send_is_refused(object_: Any, words: str) -> None:
    decision = ask(object_)
    assert (decision.allowed, decision.code) == (False, 400)
    assert words in decision.message


@pytest.mark.parametrize("unknown", [None, 1.5, ("a", 1), {1: 2}], ids=repr)
def test_what_a_client_could_send_is_judged(unknown: Any) -> None:
    decision = ask(pod(1000, unknown))
    assert decision.code != 400
