"""What the containers of a pod ask for together: sidecars with all, other init containers at their peak.

Source: component-helpers v0.37.2 resource/helpers.go, AggregateContainerRequests; its own tests.
"""

from typing import Any

import pytest

from podproof.kube.resource_sums import read_quantities, sum_resources


def asking(*, sidecar: bool = False, **values: str) -> dict[str, Any]:
    container: dict[str, Any] = {"resources": {"requests": values}}
    return {**container, "restartPolicy": "Always"} if sidecar else container


@pytest.mark.parametrize(
    ("containers", "inits", "total"),
    [
        ([], [], {}),
        ([{}], [{"resources": None}], {}),
        ([asking(cpu="1")], [], {"cpu": "1"}),
        ([asking(cpu="1"), asking(cpu="500m", memory="1Gi")], [], {"cpu": "1500m", "memory": "1Gi"}),
        # init containers run one after the other, before the others
        ([asking(cpu="2")], [asking(cpu="1"), asking(cpu="1")], {"cpu": "2"}),
        ([asking(cpu="2")], [asking(cpu="1"), asking(cpu="3")], {"cpu": "3"}),
        ([asking(cpu="2")], [asking(cpu="3"), asking(cpu="1")], {"cpu": "3"}),
        ([asking(cpu="1")], [asking(memory="1Gi")], {"cpu": "1", "memory": "1Gi"}),
        # sidecars run on
        ([asking(cpu="2")], [asking(sidecar=True, cpu="1")], {"cpu": "3"}),
        ([], [asking(sidecar=True, cpu="1"), asking(sidecar=True, cpu="1")], {"cpu": "2"}),
        ([asking(cpu="2")], [asking(sidecar=True, cpu="1"), asking(cpu="3")], {"cpu": "4"}),
        # those that come later do not run yet
        ([asking(cpu="2")], [asking(cpu="3"), asking(sidecar=True, cpu="1")], {"cpu": "3"}),
        ([asking(cpu="1")], [asking(sidecar=True, cpu="1"), asking(cpu="2"), asking(sidecar=True, cpu="3")],
         {"cpu": "5"}),
        ([asking(cpu="1")], [asking(sidecar=True, memory="1Gi"), asking(cpu="2")],
         {"cpu": "2", "memory": "1Gi"}),
        # the notation is that of the first which is not zero
        ([asking(memory="1Ki"), asking(memory="1k")], [], {"memory": "2024"}),
        ([asking(memory="1k"), asking(memory="24")], [], {"memory": "1024"}),
        ([asking(memory="0"), asking(memory="1Ki")], [], {"memory": "1Ki"}),
        ([asking(memory="1Ki"), asking(memory="1Ki")], [], {"memory": "2Ki"}),
    ],
)  # fmt: skip
def test_requests(containers: list[Any], inits: list[Any], total: dict[str, str]) -> None:
    spec = {"containers": containers, "initContainers": inits}
    found = sum_resources(spec, "requests")
    assert {name: str(quantity) for name, quantity in found.items()} == total
    assert sum_resources(spec, "limits") == {}


def test_names_are_in_order_and_nothing_is_changed() -> None:
    sidecar, init = asking(sidecar=True, b="1", a="1"), asking(c="1", b="1")
    spec = {"containers": [asking(c="1"), asking(a="1")], "initContainers": [sidecar, init]}
    assert list(sum_resources(spec, "requests")) == ["a", "b", "c"]
    assert sidecar == asking(sidecar=True, b="1", a="1")
    assert sum_resources({"ephemeralContainers": [asking(cpu="1")]}, "requests") == {}
    assert sum_resources({"containers": None, "initContainers": None}, "requests") == {}


def test_limits() -> None:
    spec = {"containers": [{"resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "2"}}}]}
    assert str(sum_resources(spec, "limits")["cpu"]) == "1"


def test_what_is_no_quantity_is_left_out() -> None:
    found = read_quantities({"b": "x", "c": None, "a": "1", "d": 2})
    assert {name: str(quantity) for name, quantity in found.items()} == {"a": "1", "c": "0", "d": "2"}
    assert read_quantities(None) == {}
