"""The walk over a pod's containers: order, kinds and routes, alike for typed pods and for mappings."""

from typing import Any

import pytest

from podproof.kube.pod import raw_pod
from podproof.kube.visit import (
    INIT_CONTAINERS,
    REGULAR_FIRST,
    WITHOUT_EPHEMERAL,
    ContainerField,
    is_sidecar,
    list_containers,
    visit_containers,
    visit_mappings,
    visit_written,
)

SPEC: dict[str, Any] = {
    "ephemeralContainers": [{"name": "e"}],
    "containers": [{"name": "a", "restartPolicy": "Always"}, {"name": "b"}],
    "initContainers": [{"name": "i"}, {"name": "s", "restartPolicy": "Always"}, {"name": "j"}],
}

WALK = [
    ("init", "i", ("spec", "initContainers", 0)),
    ("sidecar", "s", ("spec", "initContainers", 1)),
    ("init", "j", ("spec", "initContainers", 2)),
    ("container", "a", ("spec", "containers", 0)),
    ("container", "b", ("spec", "containers", 1)),
    ("ephemeral", "e", ("spec", "ephemeralContainers", 0)),
]


def test_init_containers_come_first_and_ephemeral_ones_last() -> None:
    typed = raw_pod({"spec": SPEC}).spec
    assert typed is not None
    assert [(kind, c.name, route) for kind, c, route in visit_containers(typed)] == WALK
    assert [(kind, c["name"], route) for kind, c, route in visit_mappings(SPEC)] == WALK
    assert [(kind, c["name"], route) for kind, c, route in visit_written(SPEC)] == WALK
    assert [c.name for c in list_containers(typed)] == [name for _, name, _ in WALK]


@pytest.mark.parametrize(
    "spec", [{}, {"containers": None, "initContainers": [], "ephemeralContainers": None}]
)
def test_absent_null_and_empty_lists_have_no_containers(spec: dict[str, Any]) -> None:
    typed = raw_pod({"spec": spec}).spec
    assert typed is not None
    assert list(visit_containers(typed)) == list(visit_mappings(spec)) == list(visit_written(spec)) == []
    assert list_containers(typed) == ()
    assert list(visit_containers(None)) == []


@pytest.mark.parametrize(
    ("fields", "names"),
    [(WITHOUT_EPHEMERAL, "isjab"), (REGULAR_FIRST, "abisj"), (INIT_CONTAINERS, "isj")],
)
def test_some_of_the_lists(fields: tuple[ContainerField, ...], names: str) -> None:
    route = ("spec", "template", "spec")
    visited = list(visit_mappings(SPEC, route, fields))
    assert "".join(container["name"] for _, container, _ in visited) == names
    assert all(where[:-2] == route for _, _, where in visited)
    assert visited == list(visit_written(SPEC, route, fields))


def test_what_is_not_a_container_is_left_out_of_what_is_written() -> None:
    spec = {
        "containers": [None, "x", {"name": "a"}],
        "initContainers": {"name": "i"},
        "ephemeralContainers": 5,
    }
    assert list(visit_written(spec)) == [("container", {"name": "a"}, ("spec", "containers", 2))]


@pytest.mark.parametrize(
    ("policy", "sidecar"), [("Always", True), ("OnFailure", False), ("Never", False), (None, False)]
)
def test_an_init_container_that_is_always_restarted_is_a_sidecar(policy: str | None, sidecar: bool) -> None:
    assert is_sidecar({"restartPolicy": policy}) is sidecar
    ((kind, _, _),) = visit_mappings({"initContainers": [{"restartPolicy": policy}]})
    assert kind == ("sidecar" if sidecar else "init")
