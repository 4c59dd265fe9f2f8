"""The streams of a command, against a server that says what the test wants it to say."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from waiting import PATIENCE

from podproof.runtimes.cri.streaming import ExecConnection
from podproof.runtimes.engine import EngineError

TAKEN = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\n\r\n"
STATUS = b'{"status":"Success"}'


def data(stream: int, payload: bytes, flags: int = 0) -> bytes:
    return struct.pack(">I", stream) + bytes((flags,)) + len(payload).to_bytes(3, "big") + payload


def control(kind: int, payload: bytes) -> bytes:
    return struct.pack(">HHB", 0x8003, kind, 0) + len(payload).to_bytes(3, "big") + payload


@contextlib.contextmanager
def server(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes one connection, gives the answer, and notes all that is sent to it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)

        def serve() -> None:
            client, _ = listener.accept()
            with client, contextlib.suppress(ConnectionResetError):  # what it says need not be read
                client.sendall(answer)
                client.shutdown(socket.SHUT_WR)
                while part := client.recv(65536):
                    heard.append(part)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/exec/token", heard
        thread.join(PATIENCE)


def test_frames_until_the_status() -> None:
    frames = (
        control(2, bytes(8)), data(3, b"out"), control(6, b"\0\0\0\2"), data(5, b"err"), data(3, b"", 1),
        data(99, b"nobody's"), data(3, b"more"), data(1, STATUS), data(3, b"too late"),
    )  # fmt: skip
    with server(TAKEN + b"".join(frames)) as (url, heard):
        connection = ExecConnection(url, stdin=False, tty=False)
        assert list(connection.frames()) == [
            ("stdout", b"out"), ("stderr", b"err"), ("stdout", b"more"), ("error", STATUS),
        ]  # fmt: skip
        connection.close()
    said = b"".join(heard)
    assert said.startswith(b"POST /exec/token HTTP/1.1\r\n")
    assert b"X-Stream-Protocol-Version: v4.channel.k8s.io\r\n" in said
    assert control(6, b"\0\0\0\2") in said
    assert said.count(b"\x80\x03\x00\x01") == 3


def test_what_is_sent() -> None:
    with server(TAKEN) as (url, heard):
        connection = ExecConnection(url, stdin=True, tty=True)
        connection.send(b"x" * 40_000)
        connection.close_stdin()
        connection.resize(80, 24)
        connection.close()
    said = b"".join(heard)
    assert data(3, b"x" * 32768) + data(3, b"x" * 7232) + data(3, b"", 1) in said
    assert said.endswith(data(7, b'{"Width": 80, "Height": 24}'))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "the server answers HTTP/1.1 404 Not Found"),
        (b"", "the server ended the connection"),
        (b"x" * 70_000, "the server ended the connection"),
    ],
)
def test_a_server_that_does_not_take_it(answer: bytes, words: str) -> None:
    with server(answer) as (url, _), pytest.raises(EngineError, match=words):
        ExecConnection(url, stdin=False, tty=False)


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/exec/x", "unix:///x", "http:///x"])
def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(EngineError, match="only http is spoken here"):
        ExecConnection(url, stdin=False, tty=False)


@pytest.mark.parametrize(
    "frames", [b"", b"\0\0\0", data(3, b"out")[:-1], control(7, bytes(8)), data(3, b"", 1)]
)
def test_an_end_before_the_commands(frames: bytes) -> None:
    with server(TAKEN + frames) as (url, _):
        connection = ExecConnection(url, stdin=False, tty=False)
        with pytest.raises(EngineError, match="the runtime ended the connection"):
            list(connection.frames())
        connection.close()
