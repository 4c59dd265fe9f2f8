"""HTTPS_PROXY is between where somebody set it; it never leads into this machine's own network."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from bad_registry import LAYER, Listener, bad_registry, blob
from docker_registry import certificates

from podproof.images.distribution import transport
from podproof.images.distribution.client import Repository
from podproof.images.distribution.errors import NoConnection, RefusedPlace
from podproof.images.distribution.settings import RegistrySettings
from podproof.images.distribution.transport import Transport


class Proxy:
    """Leads every CONNECT to one port of this machine; `asked` has the requests."""

    def __init__(self, port: int) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port, self._to = self._server.getsockname()[1], port
        self.asked: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client = self._server.accept()[0]
            except OSError:
                return
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            self.asked.append(head.decode())
            server = socket.create_connection(("127.0.0.1", self._to))
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self._pipe, args=pair, daemon=True).start()

    @staticmethod
    def _pipe(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self) -> None:
        self._server.close()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with closing(Listener()) as listener:
        yield listener


def resolve_nothing(host: str, *_: Any, **__: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, host)


def test_a_proxy_resolves_and_connects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, certificate, key = certificates(tmp_path, "registry.example")
    real = socket.getaddrinfo
    monkeypatch.setattr(
        transport.socket,
        "getaddrinfo",
        lambda host, *rest, **more: (
            real(host, *rest, **more) if host == "127.0.0.1" else resolve_nothing(host)
        ),
    )
    settings = RegistrySettings(authorities={"registry.example": authority})
    repository = Repository("registry.example/team/web:1", Transport(settings), lambda *_: None)
    with bad_registry((certificate, key)) as signed, closing(Proxy(signed.server_port)) as proxy:
        with pytest.raises(NoConnection, match=r"lookup registry\.example: no such host"):
            blob(repository)
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:p%40ss@127.0.0.1:{proxy.port}")
        assert blob(repository) == LAYER
        (asked,) = proxy.asked
        assert asked.startswith("CONNECT registry.example:443 HTTP/1")
        assert "Proxy-Authorization: Basic bWU6cEBzcw==" in asked
        monkeypatch.setenv("NO_PROXY", ".example")
        with pytest.raises(NoConnection):
            blob(repository)


@pytest.mark.parametrize("host", ["10.1.2.3", "metadata.example"])
def test_what_is_refused_is_not_asked_of_a_proxy_either(
    monkeypatch: pytest.MonkeyPatch, listener: Listener, host: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listener.port}")
    real = socket.getaddrinfo
    monkeypatch.setattr(
        transport.socket,
        "getaddrinfo",
        lambda name, *rest, **more: real(
            "169.254.169.254" if name == "metadata.example" else name, *rest, **more
        ),
    )
    repository = Repository(f"{host}/x", Transport(RegistrySettings()), lambda *_: None)
    with pytest.raises(RefusedPlace, match="only with --allow-registry"):
        repository.head()
    assert not listener.was_reached
