"""A network between a client and a server on loopback that a test can interrupt."""

import contextlib
import socket
import threading
from collections.abc import Iterator


class CutProxy:
    """Passes bytes on to a port; `hold` has them wait, as a network does that drops packets."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._flowing = threading.Event()
        self._flowing.set()
        self._open: set[socket.socket] = set()
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """Pass nothing on from now; connections stay open, and new ones are taken."""
        self._flowing.clear()

    def release(self) -> None:
        """Pass on what waits, and what comes."""
        self._flowing.set()

    def close(self) -> None:
        """Close every connection, and take no more."""
        self._closed = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.release()
        for one in list(self._open):
            _shut(one)

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                continue
            for source, sink in ((client, server), (server, client)):
                self._open.add(source)
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                sink.sendall(data)
        _shut(source)
        _shut(sink)
        self._open.discard(source)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def cut_proxy(target: int) -> Iterator[CutProxy]:
    """Run a proxy to a port until the end of the block."""
    proxy = CutProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
