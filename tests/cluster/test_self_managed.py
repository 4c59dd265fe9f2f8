"""Webhooks that make their own certificates, asked by a real API server that trusts what they publish."""

import base64
import contextlib
import os
import shutil
import signal
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from session.manifests.installations import of_kind, values
from waiting import PATIENCE, wait_until
from webhook.conftest import LEVEL, review
from webhook.served import write_certificate

from podproof.session.serve.self_managed_pairs import (
    CertificatePair,
    Lifetimes,
    make_authority,
    make_leaf,
)
from podproof.session.serve.self_managed_state import StoredCertificates, write_stored
from podproof.session.serve.self_managed_store import NEEDED_RIGHTS

from .api_server import ApiServer, api_server, etcd, free_port
from .balancer import balancing, is_ready
from .guarded import pod
from .self_managing import (
    ADMISSION,
    LEASE,
    MUTATING,
    NAMESPACE,
    SECRET,
    VALIDATING,
    Replica,
    install,
    replica,
)

QUICK = {
    "authority": 3600,
    "leaf": 1200,
    "skew": 2,
    "settling": 1,
    "duration": 2,
    "deadline": 1.2,
    "retry": 0.4,
}
"""In seconds; nothing ends by itself during a test, but others take over soon."""
ROTATING = {**QUICK, "authority": 60, "leaf": 30}
"""The authority is replaced after 40 s, the certificate after 20, and ten seconds before it ends."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server without the PodSecurity plugin and with a namespace where nothing dangerous may run."""
    options = ("--disable-admission-plugins=PodSecurity", "--authorization-mode=RBAC")
    with api_server(tmp_path_factory.mktemp("server"), *options) as running:
        for name, labels in ((NAMESPACE, {}), ("shop", {LEVEL: "baseline"})):
            running.must("POST", "/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})
        yield running


@pytest.fixture
def server(running: ApiServer) -> Iterator[ApiServer]:
    """The server, without what an installation has left there."""
    yield running
    client = running.client()  # the other's connection may have been idle for too long
    core, rbac = f"/api/v1/namespaces/{NAMESPACE}", "/apis/rbac.authorization.k8s.io/v1"
    for path in (
        *(VALIDATING, MUTATING, SECRET, LEASE, f"{core}/serviceaccounts/podproof-webhook"),
        *(f"{rbac}/{kind}/podproof-webhook" for kind in ("clusterroles", "clusterrolebindings")),
        *(f"{rbac}/namespaces/{NAMESPACE}/{kind}/podproof-webhook" for kind in ("roles", "rolebindings")),
    ):
        client.request("DELETE", path)


class Callers:
    """Ask the API server for pods from several threads, and the webhook itself with what is published."""

    def __init__(self, server: ApiServer, port: int) -> None:
        self.tally: Counter[str] = Counter()
        self.wrong: list[Any] = []
        self._server, self._port = server, port
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._create, self._create, self._connect)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop, and see that every single call had the right answer."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        print(dict(self.tally))
        assert not self.wrong, self.wrong[:3]
        assert self.tally["created"] > 0
        assert self.tally["connected"] > 0

    def wait_for_more(self) -> None:
        """Wait until each of them has begun and ended another call."""
        before = self.tally.copy()
        wait_until(
            lambda: all(self.tally[key] > before[key] + 3 for key in ("created", "connected")), "calls"
        )

    def _create(self) -> None:
        client = self._server.client()
        path = "/api/v1/namespaces/shop/pods?dryRun=All"
        while not self._stopped.is_set():
            dangerous = self.tally["created"] % 2 == 1
            reply = client.request("POST", path, pod("p", hostPID=True) if dangerous else pod("p"))
            self.tally["created"] += 1
            if reply.status != (403 if dangerous else 201):
                self.wrong.append(reply)
        client.close()

    def _connect(self) -> None:
        """Make new connections as an API server would that has just read the configuration."""
        client = self._server.client()
        while not self._stopped.is_set():
            try:
                trusted = _bundles(client.must("GET", VALIDATING))[0].decode()
                context = ssl.create_default_context(cadata=trusted)
                context.verify_flags |= ssl.VERIFY_X509_STRICT
                self.tally["connected"] += 1
                answer = _post(self._port, context)
                if '"allowed":true' not in answer:
                    self.wrong.append(answer)
            except (OSError, ValueError) as error:
                self.wrong.append(error)
            time.sleep(0.02)
        client.close()


def _post(port: int, context: ssl.SSLContext) -> str:
    import http.client

    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=context)
    with contextlib.closing(connection):
        connection.request("POST", "/validate", review("shop"), {"Content-Type": "application/json"})
        return connection.getresponse().read().decode()


def _bundles(configuration: dict[str, Any]) -> list[bytes]:
    found = (one["clientConfig"].get("caBundle", "") for one in configuration["webhooks"])
    return [base64.b64decode(text) for text in found]


def _holder(server: ApiServer) -> str:
    reply = server.request("GET", LEASE)
    return "" if reply.status == 404 else str(reply.value["spec"].get("holderIdentity") or "")


def _is_led_by(server: ApiServer, process: int) -> bool:
    return f"_{process}_" in _holder(server)


def _ready(*replicas: Replica) -> None:
    for one in replicas:
        wait_until(lambda one=one: is_ready(one.metrics_port), "readiness")


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
        _ready(*pair)
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
    with contextlib.ExitStack() as stack:
        one = stack.enter_context(replica(tmp_path / "one", server, port, **QUICK))
        wait_until(lambda: _is_led_by(server, one.process.pid), "a leader")
        other = stack.enter_context(replica(tmp_path / "other", server, free_port(), **QUICK))
        _ready(one, other)
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
        _ready(one)
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
        (bundle,) = set(_bundles(server.must("GET", VALIDATING)))
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
        _ready(managed)
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
        _ready(one)  # so that who waits for it before creating one waits for something
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
    return read if all(_bundles(read)) else None


def _without_bundles(configuration: dict[str, Any]) -> dict[str, Any]:
    for webhook in configuration["webhooks"]:
        webhook["clientConfig"].pop("caBundle", None)
    for key in ("generation", "managedFields", "resourceVersion"):
        del configuration["metadata"][key]
    return configuration


def test_clients_have_to_show_a_certificate_where_it_is_asked_for(server: ApiServer, tmp_path: Path) -> None:
    pairs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pairs.append(write_certificate(tmp_path / name))
    authorities = tmp_path / "clients.crt"
    port = free_port()
    with pytest.raises(AssertionError, match="ended before serving"):
        replica(tmp_path / "wrong", server, port, "--client-ca-file", str(authorities)).__enter__()
    assert "No such file" in (tmp_path / "wrong" / "errors").read_text()
    shutil.copy(pairs[0][0], authorities)
    with replica(tmp_path / "right", server, port, "--client-ca-file", str(authorities), **QUICK) as one:
        _ready(one)
        trusted = base64.b64decode(server.must("GET", SECRET)["data"]["ca.crt"]).decode()

        def taken(pair: tuple[Path, Path] | None) -> bool:
            context = ssl.create_default_context(cadata=trusted)
            if pair is not None:
                context.load_cert_chain(*pair)
            with contextlib.suppress(ssl.SSLError, ConnectionError):
                return '"allowed":true' in _post(port, context)
            return False

        assert [taken(pair) for pair in (*pairs, None)] == [True, False, False]
        shutil.copy(pairs[1][0], authorities)
        one.wait_for("certificate loaded", 2)
        assert [taken(pair) for pair in (*pairs, None)] == [False, True, False]
        authorities.write_text("nobody")
        assert one.wait_for("certificate not loaded")["reason"] == "has no certificates in PEM"
        assert [taken(pair) for pair in (*pairs, None)] == [False, True, False]


def test_a_certificate_that_tls_refuses_is_reported_until_it_is_replaced(
    server: ApiServer, tmp_path: Path
) -> None:
    data = {key: base64.b64encode(text).decode() for key, text in _with_a_weak_key().items()}
    metadata = {"name": SECRET.rpartition("/")[2], "namespace": NAMESPACE}
    server.must("POST", SECRET.rpartition("/")[0], {"metadata": metadata, "data": data})
    with replica(tmp_path / "one", server, free_port(), **QUICK) as one:
        assert "EE_KEY_TOO_SMALL" in one.wait_for("certificate not loaded")["reason"]
        assert not is_ready(one.metrics_port)
        assert one.metrics()["podproof_certificate_reload_failures_total"] == 1
        patch = [{"op": "remove", "path": "/data"}]
        server.must("PATCH", SECRET, patch, content_type="application/json-patch+json")
        _ready(one)


def _with_a_weak_key() -> dict[str, bytes]:
    """Give the data of a Secret with everything right but the key of the certificate, RSA with 1024 bits."""
    now = datetime.now(UTC)
    authority = make_authority(now, Lifetimes())
    names = (f"podproof-webhook.{NAMESPACE}.svc", f"podproof-webhook.{NAMESPACE}.svc.cluster.local")
    leaf = make_leaf(authority, (*names, "127.0.0.1"), now, Lifetimes()).certificate
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    builder = x509.CertificateBuilder(leaf.issuer, leaf.subject, key.public_key(), leaf.serial_number)
    builder = builder.not_valid_before(leaf.not_valid_before_utc).not_valid_after(leaf.not_valid_after_utc)
    for extension in leaf.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    signer: Any = serialization.load_pem_private_key(authority.key, None)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    weak = CertificatePair(
        builder.sign(signer, hashes.SHA256()), key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    )
    return write_stored(StoredCertificates((authority.certificate,), authority, weak))


def test_an_api_server_that_comes_back_is_heard_again(server: ApiServer, tmp_path: Path) -> None:
    install(server, port := free_port())
    with replica(tmp_path / "one", server, port, **QUICK) as one:
        _ready(one)
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


def test_the_installed_rights_suffice(server: ApiServer, tmp_path: Path) -> None:
    token = _install_account(server)
    install(server, port := free_port(), pod_security_policy=True)
    with replica(tmp_path / "one", server, port, token=token, **QUICK) as one:
        _ready(one)
        assert not [line for line in one.lines if line["level"] == "warning"]
        assert server.request("POST", "/api/v1/namespaces/shop/pods?dryRun=All", pod("p")).status == 201
        # to make one, it would have to be allowed to make any
        server.must("DELETE", SECRET)
        reason = one.wait_for("certificates not kept")["reason"]
        assert "may not create secrets" in reason
        assert server.request("POST", "/api/v1/namespaces/shop/pods?dryRun=All", pod("p2")).status == 201
        _ready(one)


@pytest.mark.parametrize(
    ("resource", "verb", "event"),
    [
        ("secrets", "get", "certificates not kept"),
        ("secrets", "update", "certificates not kept"),
        ("secrets", "watch", "certificates not watched"),
        ("leases", "get", "Lease not usable"),
        ("leases", "patch", "Lease not usable"),
        ("validatingwebhookconfigurations", "get", "certificates not kept"),
        ("validatingwebhookconfigurations", "patch", "certificates not kept"),
    ],
)
def test_a_right_that_is_missing_is_named(
    server: ApiServer, tmp_path: Path, resource: str, verb: str, event: str
) -> None:
    token = _install_account(server, without=(resource, verb))
    install(server, port := free_port())
    with replica(tmp_path / "one", server, port, token=token, **QUICK) as one:
        reason = one.wait_for(event)["reason"]
        assert f"may not {verb} {resource}" in reason
        if verb != "watch":
            assert not is_ready(one.metrics_port)


def _install_account(server: ApiServer, without: tuple[str, str] = ("", "")) -> str:
    """Create the objects of an installation that it needs to manage certificates; a token is returned."""
    installed = values(mode="enforcing", pod_security_policy=True)
    core = f"/api/v1/namespaces/{NAMESPACE}"
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    for kind, path in (
        ("ServiceAccount", f"{core}/serviceaccounts"),
        ("Secret", f"{core}/secrets"),
        ("Lease", LEASE.rpartition("/")[0]),
        ("ClusterRole", f"{rbac}/clusterroles"),
        ("ClusterRoleBinding", f"{rbac}/clusterrolebindings"),
        ("Role", f"{rbac}/namespaces/{NAMESPACE}/roles"),
        ("RoleBinding", f"{rbac}/namespaces/{NAMESPACE}/rolebindings"),
    ):
        object_ = of_kind(kind, installed)
        for rule in object_.get("rules", []):
            if without[0] in rule["resources"]:
                rule["verbs"].remove(without[1])
        server.must("POST", path, object_)
    asked = server.must("POST", f"{core}/serviceaccounts/podproof-webhook/token", {"spec": {}})
    token: str = asked["status"]["token"]
    return token


def test_the_installation_has_the_needed_rights() -> None:
    installed = values(mode="enforcing")
    rules = of_kind("Role", installed)["rules"] + of_kind("ClusterRole", installed)["rules"]
    for group, resource, name, verbs in NEEDED_RIGHTS:
        (rule,) = (one for one in rules if resource in one["resources"])
        assert (rule["apiGroups"], rule["resourceNames"]) == ([group], [name])
        assert tuple(rule["verbs"]) == verbs
    assert ADMISSION.endswith(f"{NEEDED_RIGHTS[2][0]}/v1")
