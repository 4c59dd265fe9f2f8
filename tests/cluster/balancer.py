"""A Service for processes on loopback: connections to one port go to those that are ready, in turn."""

import contextlib
import http.client
import itertools
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator

from ports import free_port
from waiting import PATIENCE

Backends = Callable[[], list[tuple[int, int]]]
"""Gives the ports for reviews and for health of all that there are."""


def is_ready(port: int) -> bool:
    """Ask a process whether it is ready."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
    return False


@contextlib.contextmanager
def balancing(backends: Backends) -> Iterator[int]:
    """Forward connections until the block ends; the port is given."""
    stopped = threading.Event()
    ready: list[int] = []

    def look() -> None:
        while not stopped.wait(0.2):
            ready[:] = [reviews for reviews, health in backends() if is_ready(health)]

    def accept() -> None:
        for number in itertools.count():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            limit = time.monotonic() + PATIENCE
            while not (chosen := list(ready)) and time.monotonic() < limit:
                time.sleep(0.01)
            port = chosen[number % len(chosen)]
            threading.Thread(target=_forward, args=(client, port), daemon=True).start()

    with socket.create_server(("127.0.0.1", free_port())) as listener:
        for work in (look, accept):
            threading.Thread(target=work, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            stopped.set()
            listener.shutdown(socket.SHUT_RDWR)


def _forward(client: socket.socket, port: int) -> None:
    """Pass bytes on in both directions until one side ends."""
    with (
        client,
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port)) as server,
        selectors.DefaultSelector() as selector,
    ):
        selector.register(client, selectors.EVENT_READ, server)
        selector.register(server, selectors.EVENT_READ, client)
        while True:
            for key, _ in selector.select():
                data = key.fileobj.recv(65536)  # type: ignore[union-attr]  # only sockets are registered
                if not data:
                    return
                key.data.sendall(data)
