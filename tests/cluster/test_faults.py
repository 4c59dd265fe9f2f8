"""What goes wrong around a webhook goes wrong here, while clients create pods at a real API server.

No verdict is wrong and nothing is allowed by a failure: where nobody can be asked, everything is refused. The
tests wait for answers, not for times, and print what they counted (`-s`).
"""

import contextlib
import os
import resource
import shutil
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from waiting import wait_until
from webhook.conftest import review
from webhook.served import Served, post, write_certificate

from .api_server import ApiServer
from .balancer import balancing
from .cut_proxy import cut_proxy
from .guarded import ENFORCE, Guarded, guarded, is_denied, pod, unguarded
from .installed import configurations, install
from .load import load
from .watched import watching

pytestmark = pytest.mark.slow

_NAMESPACES = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {ENFORCE: name}}}
    for name in ("restricted", "baseline", "privileged")
]
_MOST_MEMORY = 1_000_000
"""KiB that one process may have used at its peak: the largest review costs 650 MB (docs/serve.md)."""


def _right(tally: Counter[str]) -> None:
    print(dict(tally))
    known = {"sent", "right", "refused", "broken"}
    assert {key: count for key, count in tally.items() if key not in known} == {}
    assert tally["right"] + tally["refused"] + tally["broken"] == tally["sent"]


def _certificates(folder: Path, number: int) -> list[tuple[Path, Path]]:
    made = []
    for index in range(number):
        (folder / f"certificate{index}").mkdir(parents=True)
        made.append(write_certificate(folder / f"certificate{index}"))
    return made


def _replace(served: Served, pair: tuple[Path, Path]) -> None:
    """Put another certificate in the place of the one that is served, as a Secret's volume does."""
    before = len([line for line in served.lines if line["event"] == "certificate loaded"])
    shutil.copy(pair[0], served.certificate)
    shutil.copy(pair[1], served.certificate.with_suffix(".new"))
    os.replace(served.certificate.with_suffix(".new"), served.certificate.with_suffix(".key"))
    served.wait_for("certificate loaded", before + 1)


def _peak(served: Served) -> int:
    """KiB of memory that the process has used at most."""
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def _replica(folder: Path) -> Path:
    """Make the folder of a replica, with a certificate that it keeps when it comes back."""
    folder.mkdir()
    write_certificate(folder)
    return folder


def test_one_of_two_replicas_is_killed(tmp_path: Path) -> None:
    """Five times, with SIGKILL; it comes back, and the other is killed next."""
    with unguarded(tmp_path, _NAMESPACES) as server, contextlib.ExitStack() as stack:
        folders = [_replica(tmp_path / name) for name in ("one", "two")]
        replicas = [contextlib.ExitStack(), contextlib.ExitStack()]

        def start(index: int) -> Served:
            served = replicas[index].enter_context(watching(folders[index], server))
            served.wait_for("cluster synced")
            return served

        for replica in replicas:
            stack.callback(replica.close)
        running = [start(0), start(1)]
        port = stack.enter_context(
            balancing(lambda: [(served.port, served.metrics_port) for served in running])
        )
        certificates = [served.certificate for served in running]
        install(server, configurations(f"https://localhost:{port}", *certificates, mode="enforcing"))
        with load(server) as clients:
            for kill in range(5):
                clients.wait_for_answers()
                index = kill % 2
                os.killpg(running[index].process.pid, signal.SIGKILL)
                replicas[index].close()
                clients.wait_for_answers()
                running[index] = start(index)
            clients.wait_for_answers()
            tally = clients.tally()
    _right(tally)
    assert tally["broken"] == 0


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Guarded]:
    """A guarded cluster."""
    with guarded(tmp_path, _NAMESPACES) as running:
        yield running


def test_certificates_are_rotated(tmp_path: Path) -> None:
    """Five times, with all of them in the bundle, as an overlap has them: no request even fails."""
    pairs = _certificates(tmp_path, 5)
    with unguarded(tmp_path, _NAMESPACES) as server, watching(tmp_path, server) as served:
        served.wait_for("cluster synced")
        first = tmp_path / "first.crt"
        shutil.copy(served.certificate, first)
        trusted = [first, *(certificate for certificate, _ in pairs)]
        address = f"https://localhost:{served.port}"
        install(server, configurations(address, *trusted, mode="enforcing"))
        with load(server) as clients:
            for pair in pairs:
                clients.wait_for_answers()
                _replace(served, pair)
            clients.wait_for_answers()
            tally = clients.tally()
    _right(tally)
    assert tally["right"] == tally["sent"]


def test_the_api_server_is_killed_and_comes_back(scene: Guarded) -> None:
    with load(scene.server) as clients:
        for _ in range(3):
            clients.wait_for_answers()
            scene.server.kill()
            scene.server.start()
        clients.wait_for_answers()
        tally = clients.tally()
    _right(tally)


def test_the_watch_is_cut_for_a_minute(tmp_path: Path) -> None:
    """Longer than what is known may be relied on: labels that were tightened meanwhile let nothing in."""
    later = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "later"}}
    pods, bad = "/api/v1/namespaces/later/pods?dryRun=All", pod("bad", {"privileged": True})
    with (
        unguarded(tmp_path, [*_NAMESPACES, later]) as server,
        cut_proxy(server.port) as network,
        watching(tmp_path, server, port=network.port) as served,
    ):
        served.wait_for("cluster synced")
        install(
            server, configurations(f"https://localhost:{served.port}", served.certificate, mode="enforcing")
        )
        with load(server) as clients:
            clients.wait_for_answers()
            assert server.request("POST", pods, bad).status == 201
            network.hold()
            label = {"metadata": {"labels": {ENFORCE: "restricted"}}}
            path, kind = "/api/v1/namespaces/later", "application/merge-patch+json"
            server.must("PATCH", path, label, content_type=kind)
            wait_until(lambda: server.request("POST", pods, bad).status == 500, "what is known to be too old")
            assert server.request("POST", pods, bad).status == 500
            network.release()
            wait_until(lambda: is_denied(server.request("POST", pods, bad)), "the labels of meanwhile")
            clients.wait_for_answers()
            tally = clients.tally()
    _right(tally)
    assert tally["refused"] > 0


def test_a_certificate_expires(scene: Guarded, tmp_path: Path) -> None:
    """Everything is refused, with the reason, until there is another, which needs no restart."""
    (good,) = _certificates(tmp_path / "good", 1)
    (tmp_path / "expired").mkdir()
    expired = write_certificate(tmp_path / "expired", days=-1)
    address = f"https://localhost:{scene.served.port}"
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/podproof-webhook"
    (made,) = configurations(address, scene.served.certificate, expired[0], good[0], mode="enforcing")
    stored = scene.server.must("GET", path)
    scene.server.must("PUT", path, {**stored, "webhooks": made["webhooks"]})
    _replace(scene.served, expired)
    pods = "/api/v1/namespaces/restricted/pods?dryRun=All"

    def expires() -> bool:
        reply = scene.server.request("POST", pods, pod("good"))
        return reply.status == 500 and "certificate has expired" in (reply.message or "")

    scene.server.kill()  # so that no connection from before is used
    scene.server.start()
    wait_until(expires, "a refusal because of the certificate")
    reply = scene.server.request("POST", pods, pod("bad", {"privileged": True}))
    assert (reply.status, "failed calling webhook" in (reply.message or "")) == (500, True)
    _replace(scene.served, good)
    wait_until(lambda: scene.server.request("POST", pods, pod("good")).status == 201, "the new certificate")
    assert is_denied(scene.server.request("POST", pods, pod("bad", {"privileged": True})))


def test_the_disk_of_the_log_is_full(scene: Guarded) -> None:
    """The log may not grow by a byte, as on a disk without room: lines are lost, and counted, answers not."""
    with load(scene.server) as clients:
        clients.wait_for_answers()
        resource.prlimit(scene.served.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        clients.wait_for_answers(20)
        resource.prlimit(
            scene.served.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        )
        clients.wait_for_answers()
        tally = clients.tally()
    _right(tally)
    assert tally["right"] == tally["sent"]
    assert scene.served.metrics()["podproof_log_lines_lost_total"] > 0


def _slow(served: Served, stop: threading.Event) -> None:
    """Send a byte from time to time, on many connections."""
    head = b"POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    head += b"content-length: 99999\r\n\r\n"
    connections: list[socket.socket] = []
    while not stop.is_set():
        with contextlib.suppress(OSError):
            connections.append(served.raw())
            connections[-1].sendall(head)
        for connection in connections[-50:]:
            with contextlib.suppress(OSError):
                connection.sendall(b"{")
        for connection in connections[:-50]:
            connection.close()
        del connections[:-50]
        stop.wait(0.05)


def _large_pod(size: int) -> dict[str, Any]:
    """Make a pod of so many bytes, all of them containers that violate the level."""
    one = '{"name":"c000000","image":"i"},'
    containers = [{"name": f"c{number:06}", "image": "i"} for number in range(size // len(one))]
    return pod("large") | {"spec": {"containers": containers}}


def _bodies() -> list[bytes]:
    """Bodies that cost or confuse: large, deep, of wrong types, and about nothing."""
    ordinary = review("restricted")
    largest = review("restricted", containers=_large_pod(7_300_000)["spec"]["containers"])
    return [
        largest,
        largest[:-1],
        b"x" * (9 * 1024 * 1024),
        b'{"kind":"AdmissionReview","request":' + b"[" * 200_000,
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":' + b'{"a":' * 100_000,
        ordinary.replace(b'"containers": [', b'"containers": [' + b"null," * 200_000),
        ordinary.replace(b'"containers": [', b'"containers": {"a": '),
        ordinary.replace(b'"uid": "u"', b'"uid": 7'),
        ordinary.replace(b'"namespace": "restricted"', b'"namespace": ["privileged"]'),
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v9","request":{"uid":"u"}}',
        b"\xff\xfe\x00",
        b"",
    ]


def _hostile(served: Served, stop: threading.Event, said: list[tuple[int, bool]]) -> None:
    """Send every body, over and over; who is answered is told whether it was allowed."""
    bodies = _bodies()
    for number in range(10**9):
        if stop.is_set():
            return
        with contextlib.suppress(Exception), contextlib.closing(served.connect()) as connection:
            status, response = post(connection, "/validate", bodies[number % len(bodies)])
            said.append((status, response["allowed"]))


def test_clients_are_slow_and_hostile(scene: Guarded) -> None:
    """They send to the webhook itself, which whoever reaches its port can do."""
    stop, said = threading.Event(), list[tuple[int, bool]]()
    others = [
        threading.Thread(target=_slow, args=(scene.served, stop), daemon=True),
        threading.Thread(target=_hostile, args=(scene.served, stop, said), daemon=True),
    ]
    with load(scene.server) as clients:
        for other in others:
            other.start()
        wait_until(lambda: len(said) >= 24, "hostile reviews to be answered")
        clients.wait_for_answers()
        stop.set()
        for other in others:
            other.join()
        clients.wait_for_answers()
        tally = clients.tally()
    print(Counter(said), f"{_peak(scene.served)} KiB")
    _right(tally)
    assert tally["right"] == tally["sent"]
    assert [one for one in said if one[1]] == []
    assert _peak(scene.served) < _MOST_MEMORY


def test_the_largest_pods_that_a_server_takes(scene: Guarded) -> None:
    """A server fills in so much that 1 MB of containers becomes a review that is too large: it is refused."""
    path = "/api/v1/namespaces/{}/pods?dryRun=All"
    for size in (100_000, 400_000):
        large = _large_pod(size)
        reply = scene.server.request("POST", path.format("restricted"), large)
        assert is_denied(reply, 'pods "large" is forbidden: violates PodSecurity "restricted:latest": allow')
        assert scene.server.request("POST", path.format("baseline"), large).status == 201
    reply = scene.server.request("POST", path.format("baseline"), _large_pod(1_000_000))
    assert (reply.status, "status code 413" in (reply.message or "")) == (500, True)
    carrying = pod("carrying")
    carrying["spec"]["containers"][0]["args"] = ["x" * 2_900_000]
    assert scene.server.request("POST", path.format("restricted"), carrying).status == 201
    assert _peak(scene.served) < _MOST_MEMORY


def test_the_server_finds_nobody(scene: Guarded) -> None:
    """The webhook is gone: good and bad pods are refused, and its own namespace is not."""
    os.killpg(scene.served.process.pid, signal.SIGKILL)
    scene.served.process.wait()
    for made in (pod("good"), pod("bad", {"privileged": True})):
        reply = scene.server.request("POST", "/api/v1/namespaces/restricted/pods?dryRun=All", made)
        assert (reply.status, "failed calling webhook" in (reply.message or "")) == (500, True)
    _make_namespace(scene.server, "kube-system")
    reply = scene.server.request("POST", "/api/v1/namespaces/kube-system/pods?dryRun=All", pod("good"))
    assert reply.status == 201


def _make_namespace(server: ApiServer, name: str) -> None:
    def there() -> bool:
        return server.request("GET", f"/api/v1/namespaces/{name}").status == 200

    wait_until(there, f"namespace {name}, which the server makes itself")
