"""Webhooks that make their own certificates, asked by a real API server that trusts what they publish."""

import base64
import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from ports import free_port
from waiting import PATIENCE, wait_until
from webhook.conftest import LEVEL

from .api_server import ApiServer, api_server, etcd
from .balancer import balancing
from .callers import Callers, bundles_of
from .guarded import pod
from .self_managing import (
    LEASE,
    MUTATING,
    NAMESPACE,
    QUICK,
    ROTATING,
    SECRET,
    VALIDATING,
    install,
    replica,
    wait_for_readiness,
)
from .self_managing import running as running
from .self_managing import server as server


def _holder(server: ApiServer) -> str:
    reply = server.request("GET", LEASE)
    return "" if reply.status == 404 else str(reply.value["spec"].get("holderIdentity") or "")


def _is_led_by(server: ApiServer, process: int) -> bool:
    return f"_{process}_" in _holder(server)


@pytest.mark.slow
def test_no_call_fails_while_everything_is_rotated(server: ApiServer, tmp_path: Path) -> None:
    ports = free_port(), free_port()
    with contextlib.ExitStack() as stack:
        pair = [
            stack.enter_context(replica(tmp_path / f"r{number}", server, port, **ROTATING))
            for number, port in enumerate(ports)
        ]
        backends = [(one.port, one.metrics_port) for one in pair]
        port = stack.enter_context(balancing(lambda: backends))
        install(server, port, pod_security_policy=True)
        wait_for_readiness(*pair)
        callers = Callers(server, port)
        callers.wait_for_more()

        def changes(change: str) -> int:
            return sum(len(one.events(change)) for one in pair)

        wait_until(lambda: changes("authority made") >= 3 and changes("authority forgotten") >= 2, "rotation")
        callers.wait_for_more()
        callers.stop()
        assert changes("certificate made") >= 5
        assert not changes("certificate not loaded")
        metrics = [one.metrics() for one in pair]
        made = 'podproof_certificate_changes_total{change="authority made"}'
        assert sum(one.get(made, 0) for one in metrics) == changes("authority made")
        assert sum(one["podproof_certificate_leader"] for one in metrics) == 1
        for one in metrics:
            left = one["podproof_certificate_authority_expiry_timestamp_seconds"] - time.time()
            assert 0 < left <= 62
            assert 0 < one["podproof_certificate_expiry_timestamp_seconds"] - time.time() <= 32
            assert one["podproof_certificate_configurations"] == 2


def test_another_takes_over_from_a_leader_that_is_killed(server: ApiServer, tmp_path: Path) -> None:
    install(server, port := free_port())
    times = {**QUICK, "duration": 12, "deadline": 10}  # a busy machine is not taken for a leader's end
    with contextlib.ExitStack() as stack:
        one = stack.enter_context(replica(tmp_path / "one", server, port, **times))
        wait_until(lambda: _is_led_by(server, one.process.pid), "a leader")
        other = stack.enter_context(replica(tmp_path / "other", server, free_port(), **times))
        wait_for_readiness(one, other)
        assert not other.events("leading")
        os.kill(one.process.pid, signal.SIGKILL)
        wait_until(lambda: _is_led_by(server, other.process.pid), "another leader")
        server.must("DELETE", SECRET)
        other.wait_for("authority made")
        assert server.must("GET", LEASE)["spec"]["leaseTransitions"] == 1
        other.process.send_signal(signal.SIGTERM)
        assert other.process.wait(PATIENCE) == 0
        assert _holder(server) == ""  # nobody has to wait for it


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("deleted", "there is no Secret"),
        ("emptied", "the Secret is empty"),
        ("garbled", "the Secret cannot be used: ca.crt and ca.key: there is no certificate in PEM"),
    ],
)
def test_a_damaged_secret_is_made_anew_and_reported(
    server: ApiServer, tmp_path: Path, what: str, reason: str
) -> None:
    install(server, port := free_port())
    with replica(tmp_path / "one", server, port, "--workers", "2", **QUICK) as one:
        one.wait_for("certificate loaded", 2)
        wait_for_readiness(one)
        before = server.must("GET", SECRET)
        callers = Callers(server, port)
        callers.wait_for_more()
        if what == "deleted":
            server.must("DELETE", SECRET)
        elif what == "emptied":
            patch = [{"op": "remove", "path": "/data"}]
            server.must("PATCH", SECRET, patch, content_type="application/json-patch+json")
        else:
            data = {key: base64.b64encode(b"garbage").decode() for key in (*before["data"], "others")}
            server.must("PUT", SECRET, {**before, "data": data})
        line = one.wait_for("authority made", 2)
        one.wait_for("certificate loaded", 4)
        callers.wait_for_more()
        callers.stop()
        assert (line["level"], line["reason"]) == ("warning", reason)
        after = server.must("GET", SECRET)
        assert all(after["data"][key] != before["data"][key] for key in before["data"])
        assert ("others" in after["data"]) == (what == "garbled")
        (bundle,) = set(bundles_of(server.must("GET", VALIDATING)))
        assert bundle == base64.b64decode(after["data"]["ca.crt"])
        assert bundle.count(b"BEGIN CERTIFICATE") == 2


@pytest.mark.slow
def test_every_api_server_of_a_cluster_trusts_what_is_shown(tmp_path: Path) -> None:
    port = free_port()
    options = ("--disable-admission-plugins=PodSecurity",)
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(etcd(tmp_path))
        servers = []
        for name in ("one", "other"):
            folder = tmp_path / name / "server"  # what they store is named after the folder
            folder.mkdir(parents=True)
            servers.append(stack.enter_context(api_server(folder, *options, store=store)))
        for name, labels in ((NAMESPACE, {}), ("shop", {LEVEL: "baseline"})):
            servers[0].must("POST", "/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})
        install(servers[0], port)
        managed = stack.enter_context(replica(tmp_path / "managed", servers[0], port, **QUICK))
        wait_for_readiness(managed)
        callers = [Callers(server, port) for server in servers]
        for number in range(1, 4):
            for one in callers:
                one.wait_for_more()
            patch = [{"op": "remove", "path": "/data"}]
            servers[1].must("PATCH", SECRET, patch, content_type="application/json-patch+json")
            managed.wait_for("certificate loaded", number + 1)
        for one in callers:
            one.wait_for_more()
            one.stop()


def test_only_the_bundle_of_a_configuration_is_written(server: ApiServer, tmp_path: Path) -> None:
    port = free_port()
    with replica(tmp_path / "one", server, port, **QUICK) as one:
        assert "neither" in one.wait_for("no webhook configuration")["reason"]
        wait_for_readiness(one)  # so that who waits for it before creating one waits for something
        assert one.metrics()["podproof_certificate_configurations"] == 0
        install(server, port, pod_security_policy=True)
        created = {path: server.must("GET", path) for path in (VALIDATING, MUTATING)}
        one.wait_for("no webhook configuration: over")
        for path, before in created.items():
            after = wait_until(lambda path=path: _trusted(server, path), "the bundle")
            assert _without_bundles(after) == _without_bundles(before)
        before = server.must("GET", VALIDATING)
        for webhook in before["webhooks"]:
            webhook["clientConfig"]["caBundle"] = ""
            webhook["timeoutSeconds"] = 29
        server.must("PUT", VALIDATING, before)
        after = wait_until(lambda: _trusted(server, VALIDATING), "the bundle")
        assert all(webhook["timeoutSeconds"] == 29 for webhook in after["webhooks"])
        reply = server.request("POST", "/api/v1/namespaces/shop/pods?dryRun=All", pod("p", hostPID=True))
        assert reply.status == 403
        open_files = Path(f"/proc/{one.process.pid}/fd")
        assert not [link for file in open_files.iterdir() if "memfd" in (link := os.readlink(file))]


def _trusted(server: ApiServer, path: str) -> dict[str, Any] | None:
    read: dict[str, Any] = server.must("GET", path)
    return read if all(bundles_of(read)) else None


def _without_bundles(configuration: dict[str, Any]) -> dict[str, Any]:
    for webhook in configuration["webhooks"]:
        webhook["clientConfig"].pop("caBundle", None)
    for key in ("generation", "managedFields", "resourceVersion"):
        del configuration["metadata"][key]
    return configuration


def test_an_api_server_that_comes_back_is_heard_again(server: ApiServer, tmp_path: Path) -> None:
    install(server, port := free_port())
    with replica(tmp_path / "one", server, port, **QUICK) as one:
        wait_for_readiness(one)
        server.kill()
        reason = one.wait_for("Lease not usable")["reason"]
        assert "cannot be reached" in reason
        one.wait_for("not leading")
        server.start()
        one.wait_for("leading", 2)
        one.wait_for("certificates not watched: over")
        emptied = server.must("GET", VALIDATING)
        for webhook in emptied["webhooks"]:
            webhook["clientConfig"]["caBundle"] = ""
        server.must("PUT", VALIDATING, emptied)
        wait_until(lambda: _trusted(server, VALIDATING), "the bundle")
        assert len(one.events("certificate loaded")) == 1
