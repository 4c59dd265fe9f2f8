"""A registry of the test's own that does whatever a test makes it do; it remembers what it was asked."""

import contextlib
import hashlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from podproof.images.distribution.client import Descriptor, Repository
from podproof.images.distribution.logins import Login
from podproof.images.distribution.settings import RegistrySettings
from podproof.images.distribution.transport import Transport

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": []}}).encode()
LAYER = b"what a layer holds " * 1000


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def described(data: bytes, **changes: object) -> dict[str, object]:
    return {"mediaType": "application/octet-stream", "digest": digest_of(data), "size": len(data), **changes}


def manifest_of(*layers: dict[str, object], config: bytes = CONFIG) -> bytes:
    return json.dumps(
        {"schemaVersion": 2, "config": described(config), "layers": layers or [described(LAYER)]}
    ).encode()


class Request(BaseHTTPRequestHandler):
    """One request; `answer` sends a whole answer."""

    protocol_version = "HTTP/1.1"

    def answer(self, body: bytes = b"", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **named}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, BadRegistry)
        server.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
        with contextlib.suppress(OSError):  # the other side may have had enough
            special = next((do for path, do in server.special.items() if path in self.path), None)
            if special is not None:
                special(self)
            elif (kind := self.path.rpartition("/")[0].rpartition("/")[2]) == "manifests":
                self.answer(server.manifest, Content_Type=MANIFEST)
            else:
                known = {digest_of(data): data for data in (CONFIG, LAYER)}
                name = self.path.rpartition("/")[2]
                self.answer(known.get(name, b""), 200 if kind == "blobs" and name in known else 404)

    do_HEAD = do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


class BadRegistry(ThreadingHTTPServer):
    """`special`: what to do for paths that contain a text; all else is answered as a good registry does."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.special: dict[str, Callable[[Request], None]] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.manifest = manifest_of()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def bad_registry(certificate: tuple[Path, Path] | None = None) -> Iterator[BadRegistry]:
    """Run the registry; `certificate` and key give it TLS."""
    with BadRegistry() as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Listener:
    """A port that counts who connects, and answers nobody."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    @property
    def was_reached(self) -> bool:
        self._socket.settimeout(0.05)
        try:
            self._socket.accept()[0].close()
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        self._socket.close()


def open_repository(
    server: BadRegistry | str, *allowed: str, login: Login | None = None, **settings: Any
) -> Repository:
    """Open the repository team/web of a server on loopback, with a login for it alone."""
    host = server if isinstance(server, str) else server.host
    made = RegistrySettings(allowed=(host, *allowed), plain_loopback="first", **settings)
    return Repository(f"{host}/team/web:1", Transport(made), lambda name, _: login if name == host else None)


def blob(repository: Repository, data: bytes = LAYER) -> bytes:
    """Read a whole blob that should have this content."""
    return b"".join(repository.blob(Descriptor(digest_of(data), len(data))))
