"""Warnings of a decision: as the client gets them, but a webhook gives all of them to the API server."""

from typing import Any

import podproof

ENV = [{"name": f"A{number}", "value": "x"} for number in range(100)]
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web"},
    "spec": {"containers": [{"name": "web", "image": "nginx", "env": ENV + ENV}]},
}
REQUEST: dict[str, Any] = {
    "uid": "1",
    "kind": {"group": "", "version": "v1", "kind": "Pod"},
    "resource": {"group": "", "version": "v1", "resource": "pods"},
    "operation": "CREATE",
    "namespace": "default",
    "name": "web",
    "object": POD,
}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}


def hidden(number: int) -> str:
    what = f'hides previous definition of "A{number}"'
    return f"spec.containers[0].env[{100 + number}]: {what}, which may be dropped when using apply"


def test_more_than_4096_characters_do_not_reach_the_client() -> None:
    warnings = podproof.Cluster.from_objects([NAMESPACE]).admit(REQUEST).warnings
    assert warnings == tuple(hidden(number) for number in range(len(warnings)))
    length = sum(map(len, warnings))
    assert length - len(warnings[-1]) < 4096 <= length


def test_a_webhook_leaves_the_cutting_to_the_server() -> None:
    decision = podproof.Cluster.from_objects([NAMESPACE]).admit(REQUEST, mutated=True)
    assert decision.warnings == tuple(hidden(number) for number in range(100))
