"""What the API server warns of ports, container by container.

Words: recorded answers of 1.37.2; kubernetes pkg/api/pod/warnings.go.
"""

from typing import Any

import pytest

from podproof.kube.validation.port_warnings import warn_of_ports

AT = "spec.containers"


def port(number: int = 80, host: int = 0, address: str = "", name: str = "") -> dict[str, Any]:
    values = {"containerPort": number, "hostPort": host, "hostIP": address, "name": name, "protocol": "TCP"}
    return {key: value for key, value in values.items() if value}


PORTS: list[tuple[list[dict[str, Any]], list[str]]] = [
    ([port()], []),
    ([port(80), port(81)], []),
    ([port(80), {**port(80), "protocol": "UDP"}], []),
    ([port(80), port(80)], ["ports[1]: duplicate port definition with spec.containers[0].ports[0]"]),
    (
        [port(80), port(80, host=8080)],
        ["ports[1]: overlapping port definition with spec.containers[0].ports[0]"],
    ),
    ([port(80, host=8080), port(80, host=8081)], []),
    ([port(80, host=8080, address="192.0.2.1"), port(80, host=8080, address="192.0.2.2")], []),
    (
        [port(80, host=8080), port(80, host=8080, address="192.0.2.1")],
        ["ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]"],
    ),
    (
        [port(80, address="192.0.2.1")],
        [
            "ports[0]: hostIP set without hostPort: "
            "{Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:192.0.2.1}"
        ],
    ),
    (
        [port(80, name="web"), port(81, name="web"), port(80)],
        [
            "ports[2]: duplicate port definition with spec.containers[0].ports[0]",
            'ports[1]: duplicate port name "web" with spec.containers[0].ports[0], '
            "services and probes that select ports by name will use spec.containers[0].ports[0]",
        ],
    ),
]


@pytest.mark.parametrize(("ports", "warnings"), PORTS)
def test_ports_of_one_container(ports: list[dict[str, Any]], warnings: list[str]) -> None:
    found = warn_of_ports({"containers": [{"name": "c", "ports": ports}]}, ("spec",))
    assert found == [f"{AT}[0].{warning}" for warning in warnings]


def test_ports_are_compared_across_containers() -> None:
    spec = {
        "initContainers": [{"ports": [port(80)], "restartPolicy": "Always"}],
        "containers": [{"ports": [port(80)]}],
    }
    assert warn_of_ports(spec, ("spec",)) == [
        "spec.containers[0].ports[0]: duplicate port definition with spec.initContainers[0].ports[0]"
    ]
