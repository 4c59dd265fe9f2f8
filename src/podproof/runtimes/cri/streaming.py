"""A command in a container with its streams: the address that the runtime gave goes in, frames come and go.

The runtime's own server speaks SPDY/3.1 inside an HTTP connection, with a stream for each of the command's.
Only what this conversation needs of that protocol is here; whatever else the server says is passed over.
Source: SPDY protocol, draft 3.1; k8s.io/cri-streaming pkg/streaming/remotecommand (v4.channel.k8s.io).
"""

import json
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Literal
from urllib.parse import urlsplit

from ..engine import EngineError

__all__ = ["ExecConnection", "StreamName"]

StreamName = Literal["stdout", "stderr", "error"]

_PROTOCOL = "v4.channel.k8s.io"
_SYN_STREAM, _PING, _GOAWAY = 1, 6, 7
_FIN = 1
_CONTROL = 0x8003
"""The first bytes of a control frame: a bit, and the version."""

_HANDSHAKE = 30.0
"""Seconds for the server to take the connection."""

_MAX_HEAD = 64 * 1024
_CHUNK = 32 * 1024


class ExecConnection:
    """A command that runs, with its streams. `stdin` and `tty` are those that the command was asked with.

    Its methods for sending may be called from another thread than the one that reads. Raises EngineError: the
    runtime's server does not answer.
    """

    def __init__(self, url: str, *, stdin: bool, tty: bool) -> None:
        self._sending = threading.Lock()
        self._deflate = zlib.compressobj()
        self._ids: dict[int, str] = {}
        try:
            self._socket = _upgraded(url)
            self._read = self._socket.makefile("rb")
            # the server counts them, and begins when it has them all
            names = (
                "error",
                *(("stdin",) if stdin else ()),
                "stdout",
                *(("resize",) if tty else ("stderr",)),
            )
            for number, name in enumerate(names):
                self._open(2 * number + 1, name)
        except (OSError, ValueError) as error:
            raise EngineError(
                "Unavailable", f"the runtime's streams at {url} do not open: {error}"
            ) from error

    def _open(self, id: int, name: str) -> None:
        self._ids[id] = name
        block = struct.pack(">I", 1) + _text(b"streamtype") + _text(name.encode())
        packed = self._deflate.compress(block) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        self._control(_SYN_STREAM, struct.pack(">IIBB", id, 0, 0, 0) + packed)

    def frames(self) -> Iterator[tuple[StreamName, bytes]]:
        """Give what comes, until the command has ended; the last is its status, of the stream `error`.

        Raises EngineError: the connection ended before the command did.
        """
        try:
            while True:
                head = self._exactly(8)
                kind, flags = struct.unpack(">I", head[:4])[0], head[4]
                payload = self._exactly(int.from_bytes(head[5:], "big"))
                if kind & 0x80000000:
                    if kind & 0xFFFF == _PING:
                        self._control(_PING, payload)
                    elif kind & 0xFFFF == _GOAWAY:
                        raise EOFError
                    continue
                name = self._ids.get(kind)
                if name == "error" and (payload or flags & _FIN):
                    yield "error", payload
                    return
                if payload and name in ("stdout", "stderr"):
                    yield "stdout" if name == "stdout" else "stderr", payload
        except (OSError, EOFError, ValueError) as error:
            raise EngineError("Unavailable", "the runtime ended the connection") from error

    def send(self, data: bytes) -> None:
        """Send standard input. Raises OSError: the connection is gone."""
        for start in range(0, len(data), _CHUNK):
            self._data("stdin", data[start : start + _CHUNK], 0)

    def close_stdin(self) -> None:
        """Say that standard input has ended. Raises OSError: the connection is gone."""
        self._data("stdin", b"", _FIN)

    def resize(self, columns: int, rows: int) -> None:
        """Say how large the terminal is now. Raises OSError: the connection is gone."""
        self._data("resize", json.dumps({"Width": columns, "Height": rows}).encode(), 0)

    def close(self) -> None:
        """End the connection; a command that still runs goes on, as it does in a cluster."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _data(self, name: str, data: bytes, flags: int) -> None:
        (id,) = (id for id, one in self._ids.items() if one == name)
        self._write(struct.pack(">I", id) + bytes((flags,)) + len(data).to_bytes(3, "big") + data)

    def _control(self, kind: int, payload: bytes) -> None:
        self._write(struct.pack(">HHB", _CONTROL, kind, 0) + len(payload).to_bytes(3, "big") + payload)

    def _write(self, frame: bytes) -> None:
        with self._sending:
            self._socket.sendall(frame)

    def _exactly(self, count: int) -> bytes:
        data = self._read.read(count)
        if len(data) < count:
            raise EOFError
        return data


def _upgraded(url: str) -> socket.socket:
    """Connect, and let the server use the connection for streams. Raises OSError, ValueError: it does not."""
    address = urlsplit(url)
    if address.scheme != "http" or address.hostname is None:
        raise ValueError("only http is spoken here")
    connection = socket.create_connection((address.hostname, address.port or 80), _HANDSHAKE)
    try:
        request = (
            f"POST {address.path} HTTP/1.1",
            f"Host: {address.netloc}",
            "Connection: Upgrade",
            "Upgrade: SPDY/3.1",
            f"X-Stream-Protocol-Version: {_PROTOCOL}",
            "Content-Length: 0",
        )
        connection.sendall("\r\n".join((*request, "", "")).encode("ascii"))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = connection.recv(1)  # what follows the head is the streams'
            if not byte or len(head) > _MAX_HEAD:
                raise ValueError("the server ended the connection")
            head += byte
        status = head.split(b"\r\n")[0].decode("latin-1")
        if status.split()[1:2] != ["101"]:
            raise ValueError(f"the server answers {status}")
        connection.settimeout(None)
    except BaseException:  # Ctrl-C too: the caller never sees the connection to close it
        connection.close()
        raise
    return connection


def _text(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
