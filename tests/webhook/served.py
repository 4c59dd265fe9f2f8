"""A webhook in a process of its own, over TLS, with limits that tests can wait for."""

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[2]


def write_certificate(folder: Path, days: float = 2) -> tuple[Path, Path]:
    """Write a certificate for localhost and its key, which sign themselves."""
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    # a client that trusts several looks among those with the name of the issuer for one alone
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"localhost {serial:x}")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial)
    builder = builder.not_valid_before(now - timedelta(days=9)).not_valid_after(now + timedelta(days=days))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    pem = serialization.Encoding.PEM
    certificate = folder / "tls.crt"
    private = folder / "tls.key"
    written = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
    private.write_bytes(written)
    return certificate, private


class Served:
    """A running `podproof serve`: its addresses, its log, and connections to it."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path, certificate: Path) -> None:
        self.process, self.certificate, self._log = process, certificate, log
        started = self.wait_for("serving")
        self.port, self.metrics_port = (
            int(started[key].rpartition(":")[2]) for key in ("reviews", "metrics")
        )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The whole lines of the log."""
        text = self._log.read_bytes().rpartition(b"\n")[0]
        return [json.loads(line) for line in text.splitlines()]

    def wait_for(self, event: str, number: int = 1) -> dict[str, Any]:
        """Wait until the log has so many lines of an event, and return the last of them."""

        def found() -> list[dict[str, Any]]:
            lines = [line for line in self.lines if line["event"] == event]
            assert len(lines) >= number or self.process.poll() is None, f"ended before {event}"
            return lines[number - 1 : number]

        return wait_until(found, f"line {number} about {event}")[0]

    def context(self) -> ssl.SSLContext:
        """A client's context that trusts the certificate as it is in its file now."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def connect(self, context: ssl.SSLContext | None = None) -> http.client.HTTPSConnection:
        """Open a connection that stays open."""
        context = context or self.context()
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=PATIENCE, context=context)
        # "localhost" may lead to another server, with the same port of IPv6
        connection.sock = self._wrapped(context)
        return connection

    def _wrapped(self, context: ssl.SSLContext, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return context.wrap_socket(plain, server_hostname="localhost", session=session)

    def resume(self, context: ssl.SSLContext, session: ssl.SSLSession | None) -> ssl.SSLSocket:
        """Open a TLS connection that goes on with the session of another."""
        return self._wrapped(context, session)

    def raw(self) -> ssl.SSLSocket:
        """Open a TLS connection to write anything to."""
        return self._wrapped(self.context())

    def metrics(self) -> dict[str, float]:
        """Read the metrics, each with its labels as they are written."""
        connection = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", "/metrics")
            response = connection.getresponse()
            assert response.status == 200
            lines = response.read().decode().splitlines()
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}


def post(connection: http.client.HTTPSConnection, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Send a review on an open connection; returns the status and the response in the review."""
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    review = json.loads(response.read())
    return response.status, review["response"]


@contextlib.contextmanager
def serving(
    folder: Path, *options: str, limits: dict[str, Any] | None = None, cluster: bool = True
) -> Iterator[Served]:
    """Serve the cluster in `folder/cluster` until the block ends; `limits` replace those of the product.

    Without `cluster`, the options say which one. The certificate is the folder's, or a new one where it has
    none.
    """
    certificate, key = folder / "tls.crt", folder / "tls.key"
    if not certificate.exists():
        write_certificate(folder)
    code = (
        "import msgspec, sys\n"
        "from podproof.webhook import server\n"
        f"limits = msgspec.structs.replace(server.DEFAULT, **{limits or {}!r})\n"
        "make = server.WebhookServer\n"
        "server.WebhookServer = lambda *parts, **named: make(*parts, **named, limits=limits)\n"
        "from podproof.commands import run_command\n"
        "sys.exit(run_command(sys.argv[1:]))\n"
    )
    started = [sys.executable, "-c", code] if limits else [sys.executable, "-m", "podproof"]
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [
                *(*started, "serve", "--bind", "127.0.0.1:0", "--metrics-bind", "127.0.0.1:0"),
                *("--tls-cert", str(certificate), "--tls-key", str(key)),
                *(("--cluster", str(folder / "cluster")) if cluster else ()),
                *options,
            ],
            stdout=stream,
            stderr=(folder / "errors").open("wb"),
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            start_new_session=True,
        )
    try:
        yield Served(process, log, certificate)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert b"Traceback" not in (folder / "errors").read_bytes()
