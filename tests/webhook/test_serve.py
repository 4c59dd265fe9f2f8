"""`podproof serve` as a person starts it: answers over TLS, health, metrics, log, drain and certificates."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from commands.conftest import Run
from commands.conftest import podproof as podproof
from waiting import PATIENCE, wait_until

from .conftest import review
from .served import Served, post, serving, write_certificate

HEAD = b"POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


def test_reviews_are_answered_counted_and_logged(folder: Path) -> None:
    with serving(folder) as served, contextlib.closing(served.connect()) as connection:
        for number, (namespace, allowed) in enumerate([("baseline", True), ("restricted", False)], 1):
            status, response = post(connection, "/validate", review(namespace, uid=f"u{number}"))
            assert (status, response["uid"], response["allowed"]) == (200, f"u{number}", allowed)
        message = response["status"]["message"]
        assert 'violates PodSecurity "restricted:latest"' in message
        status, response = post(connection, "/mutate", review("restricted"))
        assert (status, response) == (200, {"uid": "u", "allowed": True})
        line = served.wait_for("decision", 2)
        assert {
            key: line[key] for key in ("level", "uid", "namespace", "name", "user", "allowed", "code")
        } == {
            "level": "info",
            "uid": "u2",
            "namespace": "restricted",
            "name": "p",
            "user": "ann",
            "allowed": False,
            "code": 403,
        }
        assert (line["message"], line["plugin"]) == (message, "PodSecurity")
        labels = 'operation="CREATE",phase="validating",resource="pods"'
        mutating = 'podproof_admission_review_seconds_count{phase="mutating"}'
        wait_until(
            lambda: served.metrics().get(mutating) == 1, "the count of the last, which is answered first"
        )
        metrics = served.metrics()
        assert metrics[f'podproof_admission_reviews_total{{decision="allowed",{labels}}}'] == 1
        assert metrics[f'podproof_admission_reviews_total{{decision="denied",{labels}}}'] == 1
        assert metrics["podproof_admission_reviews_in_flight"] == 0
        assert metrics["podproof_cluster_synced"] == 1
        assert 0 < metrics["podproof_certificate_expiry_timestamp_seconds"] - time.time() < 3 * 86400


def _get(served: Served, path: str) -> tuple[int, bytes]:
    with contextlib.closing(served.connect()) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()


def test_a_stopping_server_answers_what_comes_and_closes_each_connection(folder: Path) -> None:
    # a busy client may take its time to ask again
    with serving(folder, limits={"seconds_to_drain": 8.0}) as served:
        assert _get(served, "/livez") == (200, b"ok\n")
        assert _get(served, "/readyz") == (200, b"ok\n")
        open_connection = served.connect()
        assert post(open_connection, "/validate", review("baseline"))[0] == 200
        served.process.send_signal(signal.SIGTERM)
        served.wait_for("stopping")
        assert _get(served, "/readyz") == (503, b"the server is stopping\n")
        assert _get(served, "/livez") == (200, b"ok\n")
        open_connection.request("POST", "/validate", review("baseline"), {"Content-Type": "application/json"})
        response = open_connection.getresponse()
        assert (response.status, response.headers["connection"]) == (200, "close")
        response.read()
        assert served.process.wait(PATIENCE) == 0
        assert [line["event"] for line in served.lines][-3:] == ["stopping", "decision", "stopped"]


def test_clients_have_to_show_a_certificate_where_an_authority_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "client").mkdir()
    certificate, key = write_certificate(tmp_path / "client")
    with serving(folder, "--client-ca-file", str(certificate)) as served:
        with (
            contextlib.closing(served.connect()) as stranger,
            pytest.raises((OSError, http.client.HTTPException)),
        ):
            post(stranger, "/validate", review("baseline"))
        context = served.context()
        context.load_cert_chain(certificate, key)
        with contextlib.closing(served.connect(context)) as known:
            assert post(known, "/validate", review("baseline"))[1]["allowed"] is True
        for path, status, body in (
            ("/readyz", 200, b"ok\n"),
            ("/livez", 200, b"ok\n"),
            ("/validate", 404, b"no such path: ask for /metrics, /livez or /readyz\n"),
        ):
            probe = http.client.HTTPConnection("127.0.0.1", served.metrics_port, timeout=PATIENCE)
            with contextlib.closing(probe):
                probe.request("GET", path)
                response = probe.getresponse()
                assert (response.status, response.read()) == (status, body)
        assert len([line for line in served.lines if line["event"] == "decision"]) == 1


def test_what_is_in_hand_is_answered_before_the_end(folder: Path) -> None:
    body = review("baseline")
    with serving(folder) as served:
        with served.raw() as connection:
            connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body[:-1])
            served.process.send_signal(signal.SIGINT)
            served.wait_for("stopping")
            time.sleep(0.3)
            connection.sendall(body[-1:])
            answer = connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 OK")
        assert served.process.wait(PATIENCE) == 0


def _shown(served: Served) -> int:
    """Return the serial number of the certificate that a new connection is shown."""
    from cryptography import x509

    pem = ssl.get_server_certificate(("127.0.0.1", served.port), timeout=PATIENCE)
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


def test_a_changed_certificate_is_loaded_without_closing_a_connection(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    certificate, key = write_certificate(other, days=30)
    with serving(folder) as served, contextlib.closing(served.connect()) as connection:
        old = _shown(served)
        before = served.metrics()["podproof_certificate_expiry_timestamp_seconds"]
        shutil.copy(certificate, served.certificate)  # the key does not fit yet
        reason = served.wait_for("certificate not loaded")["reason"]
        assert reason == "the key is not that of the certificate"
        assert _shown(served) == old
        assert served.metrics()["podproof_certificate_reload_failures_total"] >= 1
        os.replace(key, served.certificate.with_suffix(".key"))
        served.wait_for("certificate loaded")
        assert _shown(served) != old
        assert served.metrics()["podproof_certificate_expiry_timestamp_seconds"] > before + 86400
        assert post(connection, "/validate", review("baseline"))[0] == 200


def test_workers_share_the_port_and_the_metrics_and_are_replaced(folder: Path) -> None:
    with serving(folder, "--workers", "2") as served:
        served.wait_for("serving", 2)
        for _ in range(10):
            with contextlib.closing(served.connect()) as connection:
                assert post(connection, "/validate", review("restricted"))[1]["allowed"] is False
        name = 'podproof_admission_review_seconds_count{phase="validating"}'
        wait_until(lambda: served.metrics()[name] == 10, "the count of all")
        children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
        victim, survivor = children.read_text().split()
        os.kill(int(victim), signal.SIGKILL)
        served.wait_for("serving", 3)
        assert survivor in children.read_text().split()
        assert victim not in children.read_text().split()
        assert served.metrics()[name] == 10
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(PATIENCE) == 0
    assert b"ended (SIGKILL)" in (folder / "errors").read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--bind", "8443"], '--bind: "8443" is not an address, write HOST:PORT'),
        (["--bind", "::1:8443"], '--bind: "::1:8443" is not an address, write [::1]:8443'),
        (["--bind", "127.0.0.1:99999"], '--bind: "127.0.0.1:99999" is not an address, write HOST:PORT'),
        (["--bind", "192.0.2.1:0"], "--bind 192.0.2.1:0: Cannot assign requested address"),
        (["--cluster", "none"], "--cluster none: no such folder; write cluster objects there"),
        (["--tls-key", "none"], "--tls-key none: No such file or directory"),
        (["--tls-key", "tls.crt"], "they are not a certificate and its key in PEM"),
        (["--config", "tls.crt"], "tls.crt:1"),
        (["--config", "none"], "--config none: no such file or folder: check the path"),
        (["--client-ca-file", "tls.key"], "--client-ca-file tls.key: has no certificates in PEM"),
        (["--client-ca-file", "none"], "--client-ca-file none: No such file or directory"),
        (
            ["--self-managed"],
            "--self-managed makes the certificate itself; leave out --tls-cert and --tls-key",
        ),
        (["--tls-name", "a"], "--tls-name is for the certificate that --self-managed makes; leave it out"),
    ],
)
def test_what_cannot_be_served_is_said(podproof: Run, folder: Path, options: list[str], message: str) -> None:
    write_certificate(folder)
    given = ["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--cluster", "cluster", "--bind", "127.0.0.1:0"]
    result = podproof("serve", *given, "--metrics-bind", "127.0.0.1:0", *options, cwd=folder)
    assert (result.returncode, result.stdout) == (2, b"")
    assert message in result.stderr.decode()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            [],
            "no certificate to show: name one with --tls-cert FILE and --tls-key FILE, or have it made with",
        ),
        (["--tls-cert", "tls.crt"], "no certificate to show"),
        (["--self-managed"], "--self-managed needs an API server: this is not a pod with a service account"),
        (
            ["--self-managed", "--tls-name", "a b"],
            '--tls-name: "a b" is neither a DNS name nor an IP address',
        ),
    ],
)
def test_one_certificate_has_to_be_asked_for(
    podproof: Run, folder: Path, options: list[str], message: str
) -> None:
    write_certificate(folder)
    addresses = ["--bind", "127.0.0.1:0", "--metrics-bind", "127.0.0.1:0"]
    result = podproof("serve", "--cluster", "cluster", *addresses, *options, cwd=folder)
    assert (result.returncode, result.stdout) == (2, b"")
    assert message in result.stderr.decode()


def test_an_encrypted_key_asks_nobody(podproof: Run, folder: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    _, key = write_certificate(folder)
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    secret = serialization.BestAvailableEncryption(b"secret")
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key.write_bytes(private.private_bytes(pem, pkcs8, secret))
    given = ["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--cluster", "cluster"]
    result = podproof("serve", *given, cwd=folder)
    assert result.returncode == 2
    assert "the key is encrypted: write it without a password" in result.stderr.decode()


def test_an_address_in_use_is_said(podproof: Run, folder: Path) -> None:
    write_certificate(folder)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        given = ["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--cluster", "cluster", "--bind", address]
        result = podproof("serve", *given, cwd=folder)
    assert result.returncode == 2
    assert f"--bind {address}: Address already in use" in result.stderr.decode()


def test_without_its_packages_it_says_what_to_install(podproof: Run, folder: Path) -> None:
    write_certificate(folder)
    (folder / "uvicorn.py").write_text("raise ImportError('no uvicorn here')\n")
    given = ["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--cluster", "cluster"]
    path = f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    result = podproof("serve", *given, cwd=folder, env={"PYTHONPATH": f"{_source()}{os.pathsep}{path}"})
    assert result.returncode == 2
    assert "pip install 'podproof[serve]'" in result.stderr.decode()


def _source() -> str:
    import podproof as package

    return str(Path(str(package.__file__)).resolve().parents[1])


def _idle(connection: Any) -> bytes:
    try:
        return bytes(connection.recv(1))
    except (ConnectionError, ssl.SSLError):
        return b""


def test_slow_and_endless_clients_are_cut_off(folder: Path) -> None:
    # long enough for a busy client that sends at once
    limits = {"seconds_for_head": 2.0, "seconds_for_body": 0.5, "seconds_idle": 2}
    with serving(folder, limits=limits) as served:
        with served.raw() as silent:
            assert _idle(silent) == b""
        with served.raw() as slow_head:
            slow_head.sendall(b"POST /validate HTTP/1.1\r\nhost: x")
            assert _idle(slow_head) == b""
        with served.raw() as line_ends, contextlib.suppress(ConnectionError, ssl.SSLError):
            line_ends.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
            answer = http.client.HTTPResponse(line_ends)
            answer.begin()
            assert answer.read() == b"ok\n"
            line_ends.sendall(b"\r\n")
            assert _idle(line_ends) == b""
        with served.raw() as slow_body:
            slow_body.sendall(HEAD + b"content-length: 9\r\n\r\n{")
            assert slow_body.recv(65536).startswith(b"HTTP/1.1 408")
        with served.raw() as endless:
            endless.sendall(b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n")
            assert _idle(endless) in (b"", b"H")
        with served.raw() as header, contextlib.suppress(ConnectionError, ssl.SSLError):
            header.sendall(b"GET /livez HTTP/1.1\r\nx: ")
            for _ in range(100):
                header.sendall(b"a" * 10_000)
            assert _idle(header) == b""
        assert _get(served, "/livez") == (200, b"ok\n")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(folder: Path) -> None:
    with serving(folder) as served, served.raw() as connection:
        length = 8 * 1024 * 1024 + 1
        connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % length)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert (answer.status, answer.headers["connection"]) == (413, "close")
        assert answer.read() == b"a review must not have more than 8388608 bytes\n"
