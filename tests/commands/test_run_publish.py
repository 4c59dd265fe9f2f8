"""`run --publish` and hostPorts: this machine reaches pods, on the real engine."""

import signal
import urllib.request
from collections.abc import Iterator

import pytest
import requires
from ports import free_port
from waiting import PATIENCE, wait_until

from .datagrams import SECONDS, answered, echo_in_pod
from .engine_command import Command, command_with_engine

pytestmark = requires.needs(requires.engine)

WEB = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: app
    image: local.lab/bb:1
    command: [sh, -c, "mkdir /tmp/w; echo hello > /tmp/w/index.html; exec httpd -f -p 8080 -h /tmp/w"]
    ports: [{name: http, containerPort: 8080, hostPort: %d}]
    readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
"""


@pytest.fixture(scope="module")
def podproof() -> Iterator[Command]:
    with command_with_engine() as command:
        yield command


@pytest.fixture
def port() -> int:
    """A port of this machine that nobody serves."""
    return free_port()


def page(port: int) -> str:
    """What is served at the port, "" while nobody serves it."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE) as answer:
            return str(answer.read(), "utf-8")
    except OSError:
        return ""


@pytest.mark.parametrize("network", [True, False])
def test_a_published_port_leads_to_the_pod(port: int, network: bool) -> None:
    with command_with_engine(**({} if network else {"CNI_PATH": "/nosuch"})) as podproof:
        process = podproof.start("run", podproof.write(WEB % port), "--publish", f"{port}:http")
        wait_until(lambda: page(port) == "hello\n", "the page")
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE)
        assert page(port) == ""


def test_a_host_port_is_opened_if_it_is_allowed(podproof: Command, port: int) -> None:
    path = podproof.write(WEB % port)
    code, _, err = podproof("run", path, "--until", "ready")
    words = f'pod web: container "app": hostPort {port} is not opened'
    assert (code, err) == (0, f"podproof: {words}: --allow-host-ports opens it at 127.0.0.1\n")
    code, _, err = podproof("run", path, "--until", "ready", "--allow-host-ports", "--keep")
    try:
        assert (code, err) == (0, "")
        assert page(port) == "hello\n"
        second = podproof("run", path, "--until", "ready", "--allow-host-ports")
        assert second[0] == 0
        assert second[2] == f"podproof: {words}: 127.0.0.1:{port} cannot be opened: address already in use\n"
        code, out, err = podproof("run", path, "--publish", f"{port}:8080")
        words = f"--publish {port}:8080: 127.0.0.1:{port} cannot be opened: address already in use"
        assert (code, out, err.splitlines()[-1]) == (2, "", f"podproof: {words}")
    finally:
        podproof("stop", "--all")
    assert page(port) == ""


ECHO = """\
apiVersion: v1
kind: Pod
metadata: {name: echo}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: c
    image: local.lab/bb:1
    command: [sleep, "%d"]
    ports: [{name: dns, containerPort: 5300, hostPort: %d, protocol: UDP}]
"""


@pytest.mark.parametrize("by", ["--publish", "--allow-host-ports"])
def test_datagrams_reach_the_pod(podproof: Command, port: int, by: str) -> None:
    options = (by, f"{port}:dns/udp") if by == "--publish" else (by,)
    path = podproof.write(ECHO % (SECONDS, port))
    assert podproof("run", path, "--until", "ready", "--keep", *options)[0] == 0
    try:
        with echo_in_pod(5300):
            assert answered(("127.0.0.1", port)) == b"answer to this"
    finally:
        podproof("stop", "--all")


def test_datagrams_need_a_network(port: int) -> None:
    with command_with_engine(CNI_PATH="/nosuch") as podproof:
        code, out, err = podproof("run", podproof.write(WEB % port), "--publish", f"{port}:http/udp")
    words = f"--publish {port}:http/udp: 127.0.0.1:{port}/udp cannot be opened: pods have no address"
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith(f"podproof: {words} for datagrams: no network plugins bridge")
