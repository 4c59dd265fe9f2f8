"""httpGet against servers that mean ill: one deadline, bounded answers, Go's words for each."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

import pytest
from fake_engine import FakeClock, FakeEngine
from waiting import PATIENCE

from podproof.runtimes.pods.http_get import HttpFailure, UnreadBody, http_get
from podproof.runtimes.pods.prober import probe
from podproof.runtimes.pods.reach import NetworkLocation

Answer = Callable[[socket.socket, bytes], None]


@contextmanager
def serving(answer: Answer) -> Iterator[tuple[int, list[bytes]]]:
    """Serve on loopback: give the port, and the requests as they come."""
    listener = socket.create_server(("127.0.0.1", 0))
    requests: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                request = b""
                while b"\r\n\r\n" not in request and (data := client.recv(65536)):
                    request += data
                requests.append(request)
                with suppress(OSError):  # the client has gone
                    answer(client, request)

    Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], requests
    finally:
        listener.close()


def sending(*parts: bytes, every: float = 0.0, times: int = 1) -> Answer:
    def answer(client: socket.socket, _: bytes) -> None:
        for _ in range(times):
            for part in parts:
                client.sendall(part)
                time.sleep(every)

    return answer


def get(port: int, timeout: float = 5, **action: Any) -> tuple[int, str]:
    return http_get({"port": port, **action}, {}, NetworkLocation("127.0.0.1"), timeout, "probe")


OK = b"HTTP/1.1 200 OK\r\n"
DRIPS = int(PATIENCE / 0.05)
"""So many that no deadline of these tests waits for the last, of which 20 come in a second."""

TIMEOUTS = (0.5, 4.0, 60.0)
"""In seconds, one after the other: a busy machine may not come as far as a test wants in a short one."""
AWAITING = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"


@pytest.mark.parametrize(
    "answer",
    [
        sending(b"H", every=0.05, times=DRIPS),
        sending(OK, *([b"A: b\r\n"] * 90), every=0.05),
        sending(b"HTTP/1.1 100 Continue\r\n\r\n", every=0.05, times=DRIPS),
    ],
    ids=["a status line", "headers", "100 Continue"],
)
def test_headers_that_drip_end_at_the_deadline(answer: Answer) -> None:
    with serving(answer) as (port, _), pytest.raises(HttpFailure) as raised:
        get(port, 0.5)
    assert str(raised.value) == f'Get "http://127.0.0.1:{port}/": {AWAITING}'


@pytest.mark.parametrize(
    "start", [OK + b"\r\n", OK + b"Content-Length: 9999\r\n\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n"]
)
def test_a_body_that_drips_is_not_known(start: bytes) -> None:
    drip = b"1\r\nx\r\n" if b"chunked" in start else b"x"
    answer = sending(start, *([drip] * DRIPS), every=0.05)
    for timeout in TIMEOUTS:
        with serving(answer) as (port, _), pytest.raises(HttpFailure) as raised:
            get(port, timeout)
        if raised.type is UnreadBody:
            break
    assert raised.type is UnreadBody
    # The kubelet neither fails nor passes such a probe.
    for seconds in (1, 4, 60):
        with serving(answer) as (port, _):
            spec = {"httpGet": {"port": port}, "timeoutSeconds": seconds}
            engine = FakeEngine(clock=FakeClock(), images={})
            outcome = probe(spec, {}, engine, "id", NetworkLocation("127.0.0.1"))
        if outcome.result == "error":
            break
    assert (outcome.result, outcome.output) == (
        "error",
        "context deadline exceeded (Client.Timeout or context cancellation while reading body)",
    )


def test_no_more_of_a_body_is_read_than_is_shown() -> None:
    with serving(sending(OK + b"\r\n", b"x" * 65536, times=1000)) as (port, _):
        status, body = get(port)
    assert (status, len(body)) == (200, 10240)


def test_redirects_share_the_deadline() -> None:
    for timeout in TIMEOUTS:

        def answer(client: socket.socket, _: bytes, timeout: float = timeout) -> None:
            time.sleep(0.4 * timeout)
            client.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n")

        with (
            serving(answer) as (port, requests),
            pytest.raises(HttpFailure, match=r"Client\.Timeout exceeded"),
        ):
            get(port, timeout)
        if len(requests) > 1:
            break
    assert 1 < len(requests) < 5


def redirect(location: bytes) -> Answer:
    return sending(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 4\r\n\r\nbody")


def test_redirects_without_end() -> None:
    with (
        serving(redirect(b"/x")) as (port, requests),
        pytest.raises(HttpFailure, match="stopped after 10 redirects"),
    ):
        get(port)
    assert len(requests) == 10


@pytest.mark.parametrize(
    "location", [b"http://169.254.169.254/latest", b"//example.com/", b"http://localhost/"]
)
def test_a_redirect_to_another_host_is_not_followed(location: bytes) -> None:
    with serving(redirect(location)) as (port, requests):
        assert get(port) == (302, "body")
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("location", "words"),
    [
        (b"ftp://127.0.0.1/x", 'Get "ftp://127.0.0.1/x": unsupported protocol scheme "ftp"'),
        (b"http://127.0.0.1:99999/", 'failed to parse Location header "http://127.0.0.1:99999/": '),
        (b"http://[127.0.0.1/", 'failed to parse Location header "http://[127.0.0.1/": '),
    ],
)
def test_redirects_that_lead_nowhere(location: bytes, words: str) -> None:
    with serving(redirect(location)) as (port, _), pytest.raises(HttpFailure) as raised:
        get(port)
    assert words in str(raised.value)


def test_paths_and_headers_are_sent_as_go_sends_them() -> None:
    with serving(sending(OK + b"Content-Length: 0\r\n\r\n")) as (port, requests):
        get(port, path="/ä b?c=d%20e", httpHeaders=[{"name": "X-A", "value": "ü\t1"}])
    assert requests[0].startswith(b"GET /%C3%A4%20b?c=d%20e HTTP/1.1\r\n")
    assert "X-A: ü\t1\r\n".encode() in requests[0]
    with pytest.raises(HttpFailure, match='net/http: invalid header field value for "A"'):
        get(1, httpHeaders=[{"name": "A", "value": "x\r\nHost: evil"}])


def test_answers_that_are_not_http() -> None:
    with (
        serving(sending(b"\0" * 100_000)) as (port, _),
        pytest.raises(HttpFailure, match="malformed HTTP response"),
    ):
        get(port)
    with serving(sending(OK, b"A: " + b"b" * 100_000)) as (port, _), pytest.raises(HttpFailure):
        get(port)
    with serving(sending()) as (port, _), pytest.raises(HttpFailure, match="EOF"):
        get(port)
