"""Two containers cannot have the same port of the node, unless address or protocol differ.

Source: kubernetes 1.37.2 pkg/apis/core/validation, AccumulateUniqueHostPorts.
"""

from typing import Any

import pytest

from podproof.kube.feature_gates import FeatureGates
from podproof.kube.field_error import Errors
from podproof.kube.review import review
from podproof.kube.validation.ports import validate_host_port_conflicts


def judged(*containers: list[dict[str, Any]]) -> list[str]:
    errors = Errors(FeatureGates(37))
    validate_host_port_conflicts(errors, [{"ports": ports} for ports in containers], ("spec", "containers"))
    return [error.text for error in errors]


PORT = {"hostPort": 80, "containerPort": 80, "protocol": "TCP"}


@pytest.mark.parametrize(
    ("other", "text"),
    [
        (PORT, "TCP//80"),
        ({**PORT, "containerPort": 81}, "TCP//80"),
        ({**PORT, "hostIP": ""}, "TCP//80"),
        ({**PORT, "hostPort": 81}, None),
        ({**PORT, "protocol": "UDP"}, None),
        ({**PORT, "hostIP": "127.0.0.1"}, None),
        ({"containerPort": 80, "protocol": "TCP"}, None),
        ({**PORT, "hostPort": 0}, None),
    ],
)
def test_the_same_port_twice(other: dict[str, Any], text: str | None) -> None:
    def said(place: str) -> list[str]:
        return [f'spec.containers{place}.hostPort: Duplicate value: "{text}"'] if text else []

    assert judged([PORT, other]) == said("[0].ports[1]")
    assert judged([PORT], [], [{"containerPort": 1}, other]) == said("[2].ports[1]")


def test_what_the_text_holds() -> None:
    port = {"hostPort": 53, "hostIP": "10.0.0.1", "protocol": "UDP"}
    assert judged([port, port, port]) == [
        f'spec.containers[0].ports[{at}].hostPort: Duplicate value: "UDP/10.0.0.1/53"' for at in (1, 2)
    ]
    bare = {"hostPort": 53}
    assert judged([bare], [bare]) == ['spec.containers[1].ports[0].hostPort: Duplicate value: "//53"']


def test_ports_without_the_nodes_may_be_alike() -> None:
    assert (
        judged([{"containerPort": 80}, {"containerPort": 80}, {"hostPort": None}, {"hostPort": None}]) == []
    )
    errors = Errors(FeatureGates(37))
    validate_host_port_conflicts(errors, [{}, {"ports": None}], ("spec", "containers"))
    assert list(errors) == []


def test_each_init_container_is_judged_alone_and_as_the_first() -> None:
    def with_ports(name: str, *ports: int) -> dict[str, Any]:
        listed = [{"containerPort": 1, "hostPort": port, "protocol": "TCP"} for port in ports]
        return {"name": name, "image": "i", "ports": listed}

    init = [with_ports("i", 80), with_ports("j", 80), with_ports("k", 80, 81, 81)]
    spec = {"initContainers": init, "containers": [with_ports("c", 80), with_ports("d", 80)]}
    found = review({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p"}, "spec": spec}, version=37)
    assert [error.text for error in found.errors] == [
        'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
        'spec.initContainers[0].ports[2].hostPort: Duplicate value: "TCP//81"',
    ]
