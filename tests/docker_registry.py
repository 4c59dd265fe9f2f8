"""A registry of the test on loopback: Debian's docker-registry on a free port, and a pusher for archives."""

import base64
import http.client
import json
import socket
import ssl
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requires
from waiting import PATIENCE, wait_until

MANIFEST = "application/vnd.oci.image.manifest.v1+json"

USER, PASSWORD = "alice", "a pass:word"
# bcrypt of PASSWORD, the one kind of hash that the registry takes
HTPASSWD = "alice:$2b$05$abcdefghijklmnopqrstuu10lxYOyE3chuoYxKhfTNqEK/po8Rjfe\n"


class Registry:
    """A running registry. `host` is HOST:PORT; `authority` its certificate's, None without TLS."""

    def __init__(
        self, host: str, *, login: bool, authority: Path | None, tokens: "TokenServer | None" = None
    ) -> None:
        self.host = host
        self.login = login
        self.tokens = tokens
        self.authority = authority

    def connect(self) -> http.client.HTTPConnection:
        if self.authority is None:
            return http.client.HTTPConnection(self.host, timeout=PATIENCE)
        context = ssl.create_default_context(cafile=str(self.authority))
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return http.client.HTTPSConnection(self.host, timeout=PATIENCE, context=context)

    def request(self, method: str, path: str, body: bytes = b"", kind: str = "") -> http.client.HTTPResponse:
        headers = {"Content-Length": str(len(body)), "Accept": MANIFEST}
        if kind:
            headers["Content-Type"] = kind
        if self.login:
            pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        if self.tokens is not None:
            repository = path.removeprefix("/v2/").partition("/blobs/")[0].partition("/manifests/")[0]
            headers["Authorization"] = f"Bearer {self.tokens.token(repository, ['pull', 'push', 'delete'])}"
        connection = self.connect()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def push(self, archive: Path, repository: str, tag: str) -> str:
        """Push the one image of an archive; the reference to pull it by is returned."""
        with tarfile.open(archive) as tar:

            def blob(digest: str) -> bytes:
                file = tar.extractfile(f"blobs/sha256/{digest.removeprefix('sha256:')}")
                assert file is not None
                return file.read()

            file = tar.extractfile("index.json")
            assert file is not None
            (descriptor,) = json.load(file)["manifests"]
            manifest = blob(descriptor["digest"])
            parts = json.loads(manifest)
            for digest in (parts["config"]["digest"], *(layer["digest"] for layer in parts["layers"])):
                started = self.request("POST", f"/v2/{repository}/blobs/uploads/")
                assert started.status == 202, started.status
                place = urlsplit(started.headers["Location"])
                target = f"{place.path}?{place.query}&digest={digest}"
                assert self.request("PUT", target, blob(digest), "application/octet-stream").status == 201
        path = f"/v2/{repository}/manifests/{tag}"
        assert self.request("PUT", path, manifest, descriptor["mediaType"]).status == 201
        return f"{self.host}/{repository}:{tag}"

    def forget(self, repository: str, tag: str) -> None:
        """Delete an image's manifest."""
        answer = self.request("HEAD", f"/v2/{repository}/manifests/{tag}")
        digest = answer.headers["Docker-Content-Digest"]
        assert self.request("DELETE", f"/v2/{repository}/manifests/{digest}").status == 202


def certificates(folder: Path, address: str) -> tuple[Path, Path, Path]:
    """Make an authority and a certificate of it for an address: authority, certificate, key."""
    requires.demand(requires.program("openssl"))
    authority, key = folder / "ca.pem", folder / "ca.key"
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    run: dict[str, Any] = {"check": True, "capture_output": True, "cwd": folder}
    subprocess.run([*new, "-x509", "-subj", "/CN=test authority", "-keyout", key, "-out", authority], **run)
    subprocess.run([*new, "-subj", "/CN=registry", "-keyout", "server.key", "-out", "server.csr"], **run)
    kind = "IP" if address[0].isdigit() else "DNS"
    (folder / "names").write_text(f"subjectAltName={kind}:{address}\n")
    signing = ["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key"]
    subprocess.run([*signing, "-days", "2", "-extfile", "names", "-out", "server.pem"], **run)
    return authority, folder / "server.pem", folder / "server.key"


@contextmanager
def registry(
    folder: Path,
    *,
    name: str = "127.0.0.1",
    login: bool = False,
    tls: bool = False,
    tokens: "TokenServer | None" = None,
) -> Iterator[Registry]:
    """Run a registry in a folder; `name` is how it is called, and must lead to this machine."""
    requires.demand(requires.program("docker-registry"))
    address = socket.gethostbyname(name)
    with socket.socket() as probe:
        probe.bind((address, 0))
        port = probe.getsockname()[1]
    folder.mkdir(parents=True)
    config = [
        "version: 0.1",
        "log: {level: error}",
        "storage:",
        f"  filesystem: {{rootdirectory: {folder}/data}}",
        "  delete: {enabled: true}",
        "http:",
        f"  addr: {address}:{port}",
    ]
    authority = None
    if tls:
        authority, certificate, key = certificates(folder, address)
        config.append(f"  tls: {{certificate: {certificate}, key: {key}}}")
    if login:
        (folder / "htpasswd").write_text(HTPASSWD)
        config.append(f"auth: {{htpasswd: {{realm: test, path: {folder}/htpasswd}}}}")
    if tokens is not None:
        trusted = f"rootcertbundle: {tokens.certificate}"
        config.append(f"auth: {{token: {{realm: '{tokens.realm}', service: here, issuer: test, {trusted}}}}}")
    (folder / "config.yml").write_text("\n".join(config) + "\n")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["docker-registry", "serve", str(folder / "config.yml")],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        running = Registry(f"{name}:{port}", login=login, authority=authority, tokens=tokens)

        def answers() -> bool:
            assert process.poll() is None, (folder / "log").read_text()
            try:
                return running.request("GET", "/v2/").status == 200
            except OSError:
                return False

        wait_until(answers, "the registry's answer")
        yield running
    finally:
        process.terminate()
        process.wait()


class TokenServer:
    """Gives signed tokens to who has the login; `realm` is its URL, with the certificate of an authority."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.authority, self.certificate, self._key = certificates(folder, "127.0.0.1")
        outer = self
        self.asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
                body, status = b"{}", 401
                if self.headers.get("Authorization") == f"Basic {pair}":
                    (scope,) = parse_qs(urlsplit(self.path).query)["scope"]
                    token = outer.token(scope.split(":")[1], ["pull"])
                    body, status = json.dumps({"token": token}).encode(), 200
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self._key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def realm(self) -> str:
        return f"https://{self.host}/token"

    def token(self, repository: str, actions: list[str]) -> str:
        """Sign a token as the registry wants it, with openssl."""

        def encoded(data: bytes) -> bytes:
            return base64.urlsafe_b64encode(data).rstrip(b"=")

        pem = self.certificate.read_text()
        der = base64.b64encode(ssl.PEM_cert_to_DER_cert(pem)).decode()
        now = int(time.time())
        claims = {
            "iss": "test",
            "sub": USER,
            "aud": "here",
            "exp": now + 600,
            "nbf": now - 60,
            "iat": now,
            "jti": str(now),
            "access": [{"type": "repository", "name": repository, "actions": actions}],
        }
        header = {"typ": "JWT", "alg": "ES256", "x5c": [der]}
        signed = b".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
        sign = ["openssl", "dgst", "-sha256", "-sign", self._key]
        asn1 = subprocess.run(sign, input=signed, check=True, capture_output=True).stdout
        return (signed + b"." + encoded(_raw_signature(asn1))).decode()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _raw_signature(asn1: bytes) -> bytes:
    """Write an ECDSA signature as tokens have it: two numbers of 32 bytes."""
    length = asn1[3]
    first, second = asn1[4 : 4 + length], asn1[6 + length :]
    return b"".join(int.from_bytes(number, "big").to_bytes(32, "big") for number in (first, second))
