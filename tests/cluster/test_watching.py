"""`podproof serve` watches a real API server: what changes is known, and no failure allows a pod."""

import contextlib
import http.client
import itertools
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from waiting import PATIENCE, wait_until
from webhook.conftest import LEVEL, review
from webhook.served import Served, post

from .api_server import TOKEN, ApiServer, api_server
from .cut_proxy import cut_proxy
from .watched import watching

ALLOWED, FORBIDDEN, UNDECIDED, MISSING = 0, 403, 500, 404
EXEC = "client.authentication.k8s.io/v1"
NAMES = (f"ns-{number}" for number in itertools.count())
READ = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list", "watch"]}
RULE = '{apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch"]}'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server(tmp_path_factory.mktemp("watched"), "--authorization-mode=RBAC") as running:
        yield running


def create_namespace(server: ApiServer, level: str) -> str:
    """Make a namespace with a level, and give its name."""
    name = next(NAMES)
    namespace = {"metadata": {"name": name, "labels": {LEVEL: level}}}
    reply = server.request("POST", "/api/v1/namespaces", namespace)
    assert reply.status == 201, reply
    return name


def label(server: ApiServer, name: str, level: str) -> None:
    """Give a namespace another level."""
    patch = {"metadata": {"labels": {LEVEL: level}}}
    path = f"/api/v1/namespaces/{name}"
    reply = server.request("PATCH", path, patch, content_type="application/merge-patch+json")
    assert reply.status == 200, reply


def create_account(server: ApiServer, name: str, *rules: dict[str, list[str]]) -> str:
    """Make a service account that has rules everywhere, and give a token of it."""
    metadata = {"metadata": {"name": name}}
    server.request("POST", "/api/v1/namespaces/default/serviceaccounts", metadata)
    if rules:
        role = {"metadata": {"name": name}, "rules": rules}
        binding = {
            "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": "default"}],
        }
        for plural, object_ in (("clusterroles", role), ("clusterrolebindings", binding)):
            reply = server.request("POST", f"/apis/rbac.authorization.k8s.io/v1/{plural}", object_)
            assert reply.status == 201, reply
    reply = server.request("POST", f"/api/v1/namespaces/default/serviceaccounts/{name}/token", {"spec": {}})
    assert reply.status == 201, reply
    token: str = reply.value["status"]["token"]
    return token


def answer(served: Served, namespace: str, **spec: Any) -> int:
    """Ask for a pod that meets baseline, and give the code of its refusal; 0 when it is allowed."""
    with contextlib.closing(served.connect()) as connection:
        status, response = post(connection, "/validate", review(namespace, **spec))
    assert status == 200
    return ALLOWED if response["allowed"] else response["status"]["code"]


def readiness(served: Served) -> tuple[int, str]:
    """Ask whether it is ready."""
    connection = http.client.HTTPConnection("127.0.0.1", served.metrics_port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        return response.status, response.read().decode().strip()


def test_what_changes_is_known(server: ApiServer, tmp_path: Path) -> None:
    status = f'{{"token":"{TOKEN}"}}'
    printed = f'{{"kind":"ExecCredential","apiVersion":"{EXEC}","status":{status}}}'
    (tmp_path / "plugin").write_text(f"#!/bin/sh\necho '{printed}'\n")
    (tmp_path / "plugin").chmod(0o755)
    plugin = {"exec": {"apiVersion": EXEC, "command": "./plugin", "interactiveMode": "Never"}}
    with watching(tmp_path, server, "--workers", "2", user=plugin) as served:
        served.wait_for("cluster synced", 2)
        reply = server.request("GET", "/version")
        asked = re.match(r"v1\.\d+", reply.value["gitVersion"])
        assert asked is not None
        assert served.wait_for("cluster version")["version"] == asked[0]
        assert readiness(served) == (200, "ok")
        for level, code in (("restricted", FORBIDDEN), ("baseline", ALLOWED)) * 5:
            name = create_namespace(server, level)
            assert answer(served, name) == code
        # made with a level, it may change it only by a watch
        name = create_namespace(server, "privileged")
        assert answer(served, name, hostPID=True) == ALLOWED
        label(server, name, "restricted")
        for _ in range(4):  # each worker comes to know
            wait_until(lambda: answer(served, name) == FORBIDDEN, "the new level")
        assert server.request("DELETE", f"/api/v1/namespaces/{name}").status == 200
        finalized = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name},
            "spec": {"finalizers": []},
        }
        server.request("PUT", f"/api/v1/namespaces/{name}/finalize", finalized)
        wait_until(lambda: answer(served, name) == MISSING, "the end of the namespace")
        assert answer(served, "never-was") == MISSING
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(PATIENCE) == 0


def test_existing_pods_are_looked_at_when_labels_change(server: ApiServer, tmp_path: Path) -> None:
    name = create_namespace(server, "privileged")
    pod = {"metadata": {"name": "p"}, "spec": {"hostPID": True, "containers": [{"name": "c", "image": "i"}]}}
    assert server.request("POST", f"/api/v1/namespaces/{name}/pods", pod).status == 201
    old = server.request("GET", f"/api/v1/namespaces/{name}").value
    new = {**old, "metadata": {**old["metadata"], "labels": {LEVEL: "baseline"}}}
    request = {
        "uid": "u",
        "operation": "UPDATE",
        "kind": {"group": "", "version": "v1", "kind": "Namespace"},
        "resource": {"group": "", "version": "v1", "resource": "namespaces"},
        "namespace": name,
        "name": name,
        "userInfo": {"username": "ann"},
        "object": {"apiVersion": "v1", "kind": "Namespace", **new},
        "oldObject": {"apiVersion": "v1", "kind": "Namespace", **old},
    }
    body = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    with watching(tmp_path, server) as served:
        served.wait_for("cluster synced")
        with contextlib.closing(served.connect()) as connection:
            _, response = post(connection, "/validate", json.dumps(body).encode())
        assert response["allowed"] is True
        patched = server.request(
            "PATCH",
            f"/api/v1/namespaces/{name}?dryRun=All",
            {"metadata": {"labels": {LEVEL: "baseline"}}},
            content_type="application/merge-patch+json",
        )
        assert response["warnings"] == patched.warnings != []


def test_a_network_that_is_silent_never_allows_by_what_is_old(server: ApiServer, tmp_path: Path) -> None:
    name, other = create_namespace(server, "privileged"), create_namespace(server, "restricted")
    options = ("--max-staleness", "2")
    with cut_proxy(server.port) as proxy, watching(tmp_path, server, *options, port=proxy.port) as served:
        served.wait_for("cluster synced")
        assert answer(served, name, hostPID=True) == ALLOWED
        proxy.hold()
        label(server, name, "restricted")
        wait_until(lambda: answer(served, name) == UNDECIDED, "the end of what is relied on")
        served.wait_for("cluster stale")
        assert answer(served, other) == UNDECIDED
        assert answer(served, next(NAMES)) == UNDECIDED
        assert readiness(served)[0] == 503
        metrics = served.metrics()
        assert metrics["podproof_cluster_synced"] == 0
        assert metrics['podproof_namespace_look_ups_total{result="failed"}'] >= 1
        proxy.release()
        served.wait_for("cluster synced", 2)
        wait_until(lambda: answer(served, name) == FORBIDDEN, "the new level")
        wait_until(lambda: readiness(served) == (200, "ok"), "readiness")


def test_an_api_server_that_is_killed_and_started_again_is_watched_again(tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    with api_server(folder) as server:
        name = create_namespace(server, "privileged")
        with watching(tmp_path, server) as served:
            served.wait_for("cluster synced")
            server.kill()
            lost = served.wait_for("watch lost")
            assert (lost["resource"], lost["failing"]) == ("namespaces", "unreachable")
            # within the bound, what is known is relied on, and nobody can be asked for more
            assert answer(served, name, hostPID=True) == ALLOWED
            assert answer(served, "made-meanwhile") == UNDECIDED
            server.start()
            served.wait_for("watch synced", 2)
            label(server, name, "restricted")
            wait_until(lambda: answer(served, name) == FORBIDDEN, "the new level")
            assert answer(served, create_namespace(server, "restricted")) == FORBIDDEN
            restarts = 'podproof_watch_restarts_total{failing="unreachable",resource="namespaces"}'
            assert served.metrics()[restarts] >= 1


def test_a_token_that_is_revoked_is_named(server: ApiServer, tmp_path: Path) -> None:
    token = create_account(server, "revoked", READ)
    name = create_namespace(server, "privileged")
    with watching(tmp_path, server, "--max-staleness", "2", token=token) as served:
        served.wait_for("cluster synced")
        assert answer(served, name, hostPID=True) == ALLOWED
        server.request("DELETE", "/api/v1/namespaces/default/serviceaccounts/revoked")
        # the watch may be lost before for silence, since so little staleness is allowed
        lost = wait_until(
            lambda: [line for line in served.lines if line.get("failing") == "unauthorized"], "its revocation"
        )[0]
        assert lost["event"] == "watch lost"
        assert 'does not accept who asks, user "u" of' in lost["message"]
        undecided = "the end of what is relied on"
        wait_until(lambda: answer(served, name, hostPID=True) == UNDECIDED, undecided)


def test_rights_that_are_too_few_are_named(server: ApiServer, tmp_path: Path) -> None:
    token = create_account(server, "powerless")
    with watching(tmp_path, server, token=token) as served:
        lost = served.wait_for("watch lost")
        assert lost["failing"] == "forbidden"
        assert f"may not list namespaces, it needs a ClusterRole with the rule {RULE}" in lost["message"]
        status, reason = readiness(served)
        assert (status, "may not list namespaces" in reason) == (503, True)
        assert answer(served, "default") == UNDECIDED


def test_policies_that_the_server_cannot_have_admit_nothing(server: ApiServer, tmp_path: Path) -> None:
    with watching(tmp_path, server, "--kubernetes-version", "1.24") as served:
        served.wait_for("cluster synced")
        synced = {
            line["resource"]: line["objects"] for line in served.lines if line["event"] == "watch synced"
        }
        assert synced["podsecuritypolicies.policy"] == 0
        assert synced["clusterroles.rbac.authorization.k8s.io"] > 10
        assert answer(served, create_namespace(server, "privileged")) == FORBIDDEN


def test_a_thousand_namespaces_are_known_before_it_is_ready(server: ApiServer, tmp_path: Path) -> None:
    names = [create_namespace(server, "restricted") for _ in range(1000)]
    with watching(tmp_path, server) as served:
        served.wait_for("cluster synced")
        assert served.wait_for("watch synced")["objects"] >= 1000
        assert {answer(served, name) for name in names[::100]} == {FORBIDDEN}
        assert 'podproof_namespace_look_ups_total{result="found"}' not in served.metrics()
