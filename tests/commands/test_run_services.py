"""Services of a run: pods reach each other by name, on the real engine."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requires
from waiting import PATIENCE, wait_until

from .datagrams import SECONDS, answered, echo_in_pod, read
from .engine_command import Command, command_with_engine

pytestmark = requires.needs(requires.engine)

SERVER = """\
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {app: db}, ports: [{name: web, port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: peers, namespace: shop}
spec: {clusterIP: None, selector: {app: db}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: peers
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: app
        image: local.lab/bb:1
        command: [sh, -c, "mkdir /tmp/w; hostname > /tmp/w/index.html; sleep %s; httpd -f -p 8080 -h /tmp/w"]
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
---
"""

CLIENT = """\
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: %s}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  %s
  containers:
  - name: c
    image: local.lab/bb:1
    command: [sh, -c, '%s']
"""


@pytest.fixture(scope="module")
def podproof() -> Iterator[Command]:
    with command_with_engine() as command:
        yield command


def lines_of(
    podproof: Command,
    script: str,
    *,
    namespace: str = "shop",
    wait: int = 0,
    more: str = "",
    before: str = "",
) -> list[str]:
    """What a client says in a run with the server, which is known by its end."""
    text = before + SERVER % wait + CLIENT % (namespace, more, f"{script}; echo END; sleep 1000")
    process = podproof.start("run", podproof.write(text))
    assert process.stdout is not None
    lines = []
    while (line := process.stdout.readline()) != "client/c | END\n":
        assert line.startswith("client/c | "), line + process.communicate(timeout=PATIENCE)[1]
        lines.append(line.removeprefix("client/c | ").rstrip("\n"))
    process.terminate()
    _, err = process.communicate(timeout=PATIENCE)
    assert err == ""
    return lines


UNTIL = "until wget -qO- http://%s/ 2> /tmp/why; do sleep 0.1; done"


def test_names_and_ports(podproof: Command) -> None:
    before = podproof.left()
    names = ("db", "db.shop", "db.shop.svc", "db.shop.svc.cluster.local", "db-0.peers:8080", "peers:8080")
    script = (
        "; ".join(UNTIL % name for name in names) + "; wget -qO- http://$DB_SERVICE_HOST:$DB_SERVICE_PORT/"
    )
    assert lines_of(podproof, script) == ["db-0"] * 7
    assert podproof.left() == before


OTHER_NAMES = """\
apiVersion: v1
kind: Service
metadata: {name: out, namespace: shop}
spec: {type: ExternalName, externalName: nowhere.example.}
---
apiVersion: v1
kind: Service
metadata: {name: in, namespace: shop}
spec: {type: ExternalName, externalName: db.shop.svc.cluster.local}
---
"""


def test_other_names_ports_and_names_of_addresses(podproof: Command) -> None:
    script = (
        f"{UNTIL % 'in'}; nslookup out.shop.svc.cluster.local; "
        "nslookup -type=srv _web._tcp.db.shop.svc.cluster.local; nslookup $DB_SERVICE_HOST"
    )
    lines = lines_of(podproof, script, before=OTHER_NAMES)
    assert lines[0] == "db-0"
    own = "db.shop.svc.cluster.local"
    assert "out.shop.svc.cluster.local\tcanonical name = nowhere.example" in lines
    assert f"_web._tcp.{own}\tservice = 0 100 80 {own}" in lines
    assert [line.partition("name = ")[2] for line in lines if "in-addr.arpa" in line] == [own]


def test_from_another_namespace(podproof: Command) -> None:
    script = f"{UNTIL % 'db.shop'}; wget -qO- http://db/ 2>&1; env | grep DB_ || echo no variables"
    assert lines_of(podproof, script, namespace="other")[-2:] == ["wget: bad address 'db'", "no variables"]


def test_before_a_pod_is_ready_the_service_refuses(podproof: Command) -> None:
    script = f"wget -qO- http://$DB_SERVICE_HOST/ 2>&1; nslookup peers.shop.svc.cluster.local; {UNTIL % 'db'}"
    for wait in (3, 15, 60):  # a busy machine starts the client later
        lines = lines_of(podproof, script, wait=wait)
        if any("Connection refused" in line for line in lines):
            break
    assert any("Connection refused" in line for line in lines)
    assert lines[-1] == "db-0"
    assert not any("Address: 10." in line for line in lines)


@pytest.mark.parametrize(
    ("more", "servers"),
    [
        ("dnsPolicy: Default", 0),
        ("dnsPolicy: ClusterFirst", 1),
        ("dnsPolicy: None\n  dnsConfig: {nameservers: [192.0.2.5]}", 0),
    ],
)
def test_who_asks_the_name_server(podproof: Command, more: str, servers: int) -> None:
    lines = lines_of(podproof, "cat /etc/resolv.conf", more=more)
    search = "search shop.svc.cluster.local svc.cluster.local cluster.local"
    assert sum(line.startswith(search) for line in lines) == servers
    assert sum(line == "options ndots:5" for line in lines) == servers


def test_what_a_killed_run_leaves_goes(podproof: Command) -> None:
    before = podproof.left()
    process = podproof.start("run", podproof.write(SERVER % 0 + CLIENT % ("shop", "", "echo up; sleep 1000")))
    assert process.stdout is not None
    assert process.stdout.readline() == "client/c | up\n"
    process.kill()
    process.communicate(timeout=PATIENCE)
    wait_until(lambda: podproof.left() == before, "the end of what the killed run left")

    def shims() -> list[Path]:
        words = (str(podproof.folder).encode(), b"containerd-shim")
        files = Path("/proc").glob("[0-9]*/cmdline")
        return [path for path in files if (line := read(path)) and all(word in line for word in words)]

    wait_until(lambda: not shims(), "the end of the pods' shims")


def test_kept_services_go_on(podproof: Command) -> None:
    text = SERVER % 0 + CLIENT % ("shop", "", "sleep 1000")
    assert podproof("run", podproof.write(text), "--until", "ready", "--keep")[0] == 0
    try:
        command = ("exec", "client", "-n", "shop", "--", "wget", "-qO-", "http://db/")
        assert podproof(*command) == (0, "db-0\n", "")
        assert podproof("exec", "db-0", "--", "sh", "-c", "kill -9 $(pidof httpd)")[0] == 0
        wait_until(lambda: podproof(*command)[:2] == (0, "db-0\n"), "the Service after a restart")
    finally:
        podproof("stop", "--all")


DATAGRAMS = """\
apiVersion: v1
kind: Service
metadata: {name: echo}
spec: {selector: {app: echo}, ports: [{port: 53, targetPort: 5300, protocol: UDP}]}
---
apiVersion: v1
kind: Pod
metadata: {name: echo, labels: {app: echo}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: c, image: "local.lab/bb:1", command: [sleep, "%d"]}]
"""


def test_datagrams(podproof: Command) -> None:
    path = podproof.write(DATAGRAMS % SECONDS)
    assert podproof("run", path, "--until", "ready", "--keep")[0] == 0
    try:
        address = podproof("exec", "echo", "--", "nslookup", "echo.default.svc.cluster.local")[1]
        (ip,) = re.findall(r"^Address: (10\.[0-9.]+)$", address, re.MULTILINE)
        with echo_in_pod(5300):
            assert answered((ip, 53)) == b"answer to this"
    finally:
        podproof("stop", "--all")


SAME = """\
apiVersion: v1
kind: Service
metadata: {name: same, namespace: shop}
spec: {selector: {app: db}, ports: [{port: 80, targetPort: http}], sessionAffinity: ClientIP}
---
"""


def test_replicas_of_a_stateful_set(podproof: Command) -> None:
    script = "sleep 1000"
    path = podproof.write(SAME + SERVER % 1 + CLIENT % ("shop", "", script))
    code, out, _ = podproof("run", path, "--until", "ready", "--keep", "--replicas", "db=2")
    try:
        assert code == 0
        assert [line.split()[0] for line in out.splitlines()[1:]] == ["db-0", "client", "db-1"]
        look = "nslookup peers.shop.svc.cluster.local | grep -c 'Address: 10.'; wget -qO- http://db-1.peers:8080/"
        assert podproof("exec", "client", "--", "sh", "-c", look) == (0, "2\ndb-1\n", "")
        answers = f"for i in $(seq 20); do {UNTIL % 'db'}; done | sort -u"
        assert podproof("exec", "client", "--", "sh", "-c", answers) == (0, "db-0\ndb-1\n", "")
        same = f"for i in $(seq 20); do {UNTIL % 'same'}; done | sort -u | wc -l"
        assert podproof("exec", "client", "--", "sh", "-c", same) == (0, "1\n", "")
    finally:
        podproof("stop", "--all")


def test_services_without_a_network_are_named() -> None:
    with command_with_engine(CNI_PATH="/nosuch") as podproof:
        code, _, err = podproof("run", podproof.write(SERVER % 0), "--until", "ready")
        assert code == 0
        assert "podproof: Services are not played: no network plugins bridge, host-local, loopback" in err
