"""Ports that lead to pods: what --publish takes, whose port is meant, and which hostPorts are opened."""

import socket
from typing import Any

import pytest

from podproof.errors import UsageError
from podproof.session.run.plan import Plan, plan_objects
from podproof.session.run.publish import (
    Published,
    bind,
    host_ports,
    parse_publish,
    resolve_published,
    shown,
)


def pod(name: str, *ports: dict[str, Any], **spec: Any) -> dict[str, Any]:
    container = {"name": "c", "image": "i", "ports": list(ports)}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": [container], **spec},
    }


def deployment(name: str, *ports: dict[str, Any]) -> dict[str, Any]:
    made = pod(name, *ports)
    template = {"metadata": {"labels": {"app": name}}, "spec": made["spec"]}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def plan(*values: dict[str, Any]) -> Plan:
    return plan_objects([(value, "m.yaml:1") for value in values])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("8080:80", ("", "127.0.0.1", 8080, 80)),
        ("8080:http", ("", "127.0.0.1", 8080, "http")),
        ("0.0.0.0:8080:80", ("", "0.0.0.0", 8080, 80)),
        ("web=8080:80", ("web", "127.0.0.1", 8080, 80)),
        ("service/web=[::1]:8080:80", ("service/web", "::1", 8080, 80)),
        ("deployment/web=192.0.2.1:1:65535", ("deployment/web", "192.0.2.1", 1, 65535)),
    ],
)
@pytest.mark.parametrize(("end", "protocol"), [("", "TCP"), ("/tcp", "TCP"), ("/udp", "UDP")])
def test_forms(text: str, read: tuple[Any, ...], end: str, protocol: str) -> None:
    (one,) = parse_publish([text + end])
    assert (one.name, one.address, one.port, one.target, one.protocol) == (*read, protocol)
    assert one.text == text + end


def test_a_port_is_published_once_for_each_protocol() -> None:
    one, other = parse_publish(["53:53", "53:53/udp"])
    assert (shown(one), shown(other)) == ("127.0.0.1:53", "127.0.0.1:53/udp")


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (
            ["80"],
            "--publish must be [NAME=][ADDRESS:]PORT:PODPORT[/udp], such as 8080:80 or 5353:53/udp, has '80'",
        ),
        (["53:53/sctp"], "--publish must be"),
        (["53/udp:53"], "--publish must be"),
        ([""], "--publish must be"),
        (["http:80"], "--publish must be"),
        (["a:b:c:d"], "--publish must be"),
        (["here:8080:80"], "--publish here:8080:80: 'here' is not an address of this machine"),
        (["0:80"], "--publish 0:80: ports must be between 1 and 65535"),
        (["8080:65536"], "--publish 8080:65536: ports must be between 1 and 65535"),
        (["65536:80"], "--publish 65536:80: ports must be between 1 and 65535"),
        (["8080:00"], "--publish 8080:00: ports must be between 1 and 65535"),
        (["8080:" + "9" * 5000], "--publish 8080:999"),  # more digits than int() takes
        (["9" * 5000 + ":80"], "--publish 999"),
        (["\N{SUPERSCRIPT TWO}:80"], "--publish must be"),
        (["\N{ARABIC-INDIC DIGIT EIGHT}:80"], "--publish must be"),
        (["8080:80", "web=8080:81"], "--publish web=8080:81: 127.0.0.1:8080 is published twice"),
        (["[::1]:8080:80", "[::1]:8080:81"], "--publish [::1]:8080:81: [::1]:8080 is published twice"),
        (["53:1/udp", "53:2/udp"], "--publish 53:2/udp: 127.0.0.1:53/udp is published twice"),
    ],
)
def test_other_forms_are_refused(texts: list[str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_publish(texts)
    assert str(caught.value).startswith(words)


HTTP = {"name": "http", "containerPort": 80}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "front"},
    "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
}


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("web=1:9", "default/Deployment/web"),
        ("deployment/web=1:9", "default/Deployment/web"),
        ("service/front=1:9", "default/Deployment/web"),
        ("db=1:9", "default/Pod/db"),
        ("pod/db=1:9", "default/Pod/db"),
        ("1:80", "default/Deployment/web"),
        ("1:http", "default/Deployment/web"),
    ],
)
def test_whose_port_is_meant(text: str, owner: str) -> None:
    made = plan(deployment("web", HTTP), pod("db", {"containerPort": 5432}), SERVICE)
    (one,) = resolve_published(parse_publish([text]), made)
    assert one.owners == {owner}


@pytest.mark.parametrize("target", ["53", "dns"])
def test_the_port_of_that_protocol_is_meant(target: str) -> None:
    dns = {"name": "dns", "containerPort": 53}
    made = plan(pod("a", {**dns, "protocol": "UDP"}), pod("b", dns))
    (udp, tcp) = resolve_published(parse_publish([f"1:{target}/udp", f"1:{target}"]), made)
    assert (udp.owners, tcp.owners) == ({"default/Pod/a"}, {"default/Pod/b"})


def test_of_one_pod_every_port() -> None:
    (one,) = resolve_published(parse_publish(["1:9"]), plan(pod("db")))
    assert one.owners == {"default/Pod/db"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1:9", "--publish 1:9: no pod has port 9: write NAME=1:9 with one of deployment/web, pod/db"),
        ("1:80", "--publish 1:80: 2 have port 80: write NAME=1:80 with one of deployment/web, pod/db"),
        (
            "1:9/udp",
            "--publish 1:9/udp: no pod has port 9/udp: write NAME=1:9/udp with one of deployment/web, pod/db",
        ),
        ("api=1:80", "--publish api=1:80: there is no api, only deployment/web, pod/db"),
    ],
)
def test_it_is_not_clear_whose_port_is_meant(text: str, words: str) -> None:
    made = plan(deployment("web", HTTP), pod("db", HTTP))
    with pytest.raises(UsageError) as caught:
        resolve_published(parse_publish([text]), made)
    assert str(caught.value) == words


def opened(made: Plan, *, allowed: bool = True) -> tuple[list[str], list[str]]:
    """The hostPorts that are opened, and what is told of others."""
    told: list[str] = []
    return [shown(one) for one in host_ports(made, allowed=allowed, tell=told.append)], told


def host(port: int, **more: Any) -> dict[str, Any]:
    return {"containerPort": port, "hostPort": port, **more}


def test_a_host_port_needs_a_flag() -> None:
    made = plan(pod("web", host(80)))
    words = 'pod web: container "c": hostPort 80 is not opened: --allow-host-ports opens it at 127.0.0.1'
    assert opened(made, allowed=False) == ([], [words])
    assert opened(made) == (["127.0.0.1:80"], [])


@pytest.mark.parametrize(
    ("ports", "addresses", "told"),
    [
        ([host(80, hostIP="127.0.0.9")], ["127.0.0.9:80"], []),
        (
            [host(80, hostIP="0.0.0.0")],
            ["127.0.0.1:80"],
            ["hostPort 80 is opened at 127.0.0.1: hostIP 0.0.0.0 is not played"],
        ),
        ([host(80, protocol="UDP"), host(80)], ["127.0.0.1:80/udp", "127.0.0.1:80"], []),
        (
            [host(80, protocol="SCTP")],
            [],
            ["hostPort 80 is not opened: TCP and UDP are passed on, not SCTP"],
        ),
        ([{"containerPort": 80}], [], []),
    ],
)
def test_where_a_host_port_is_opened(
    ports: list[dict[str, Any]], addresses: list[str], told: list[str]
) -> None:
    found, lines = opened(plan(pod("web", *ports)))
    assert (found, [line.rpartition(": container")[2].partition(": ")[2] for line in lines]) == (
        addresses,
        told,
    )


def test_a_host_port_has_one_owner() -> None:
    found, told = opened(plan(pod("web", host(80)), pod("db", host(80))))
    assert found == ["127.0.0.1:80"]
    assert told == ['pod db: container "c": hostPort 80 is not opened: default/Pod/web has it']


def test_the_nodes_own_network_needs_no_host_ports() -> None:
    assert opened(plan(pod("web", host(80), hostNetwork=True)), allowed=False) == ([], [])


def test_host_ports_are_limited() -> None:
    found, told = opened(plan(*(pod(f"p{number}", host(number)) for number in range(1, 101))))
    assert (len(found), len(told)) == (64, 36)
    assert told[0] == 'pod p65: container "c": hostPort 65 is not opened: at most 64 are'


@pytest.mark.parametrize(
    ("protocol", "kind"), [("TCP", socket.SOCK_STREAM), ("UDP", socket.SOCK_DGRAM)], ids=["tcp", "udp"]
)
def test_a_port_that_is_served_is_not_taken(protocol: Any, kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as server:
        server.bind(("127.0.0.1", 0))
        if protocol == "TCP":
            server.listen()
        busy = Published("x", "127.0.0.1", server.getsockname()[1], 80, protocol=protocol)
        with pytest.raises(OSError, match="in use"):
            bind(busy)
    bind(busy).close()
