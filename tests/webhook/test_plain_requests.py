"""Requests that are answered without ASGI: the same bytes as by it, and no client holds what others need."""

import asyncio
import json
import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from podproof import Cluster
from podproof.session.serve.cluster_source import Snapshot
from podproof.webhook.limits import DEFAULT, ServerLimits
from podproof.webhook.protocol import BoundedProtocol, bounded
from podproof.webhook.responses import Receive, Scope, Send
from podproof.webhook.review_protocol import reviewing

from .conftest import LEVEL, review
from .in_process import FixedSource, Webhook

CLUSTER = Cluster.from_objects(
    [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": level, "labels": {LEVEL: level}}}
        for level in ("privileged", "baseline", "restricted")
    ]
)
PATIENCE = 30.0
_QUIET = 0.25
"""Seconds in which nothing comes any more once all answers have."""

Client = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, bytes]]


class Served:
    """A protocol's connections on loopback in this process, asked by clients in the same loop."""

    def __init__(
        self, source: Any = CLUSTER, *, plain: bool = True, limits: ServerLimits = DEFAULT, idle: float = 60
    ) -> None:
        self.webhook = Webhook(source, limits)
        self.plain, self._limits = plain, limits
        self.by_asgi = 0
        self.protocols: list[BoundedProtocol] = []
        self._config = uvicorn.Config(
            self._asked,
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=idle,  # type: ignore[arg-type]  # seconds, handed to call_later
        )

    async def _asked(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.by_asgi += 1
        await self.webhook.app(scope, receive, send)

    def ask(self, *clients: Client) -> list[bytes]:
        """Serve until each of the clients has given what it got."""
        return asyncio.run(self._ask(clients))

    async def _ask(self, clients: Sequence[Client]) -> list[bytes]:
        app = self.webhook.app
        kind = reviewing(app.plain, self._limits) if self.plain else bounded(self._limits)
        state = ServerState()

        def make() -> BoundedProtocol:
            self.protocols.append(kind(self._config, state, {}))
            return self.protocols[-1]

        server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]

        async def one(client: Client) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return await asyncio.wait_for(client(reader, writer), PATIENCE)
            finally:
                writer.close()

        async with server:
            return await asyncio.gather(*map(one, clients))

    @property
    def in_flight(self) -> float:
        """The gauge of reviews that are being read or answered."""
        (line,) = (
            line
            for line in self.webhook.metrics.write().decode().splitlines()
            if line.startswith("podproof_admission_reviews_in_flight ")
        )
        return float(line.split()[1])


def sending(*pieces: bytes) -> Client:
    """Make a client that sends pieces one after the other, and gives what comes until nothing does."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.001)
        got = b""
        while True:
            try:
                more = await asyncio.wait_for(reader.read(65536), _QUIET if got else PATIENCE)
            except TimeoutError:
                return got + b"(open)"
            if not more:
                return got + b"(closed)"
            got += more

    return client


def post(
    body: bytes, path: str = "/validate?timeout=10s", version: str = "1.1", **headers: str | None
) -> bytes:
    """Write a request; a header that is None is left out, and "_" stands for "-"."""
    named = {"host": "h", "content_type": "application/json", "content_length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items() if value is not None]
    return "\r\n".join([f"POST {path} HTTP/{version}", *lines, "", ""]).encode() + body


BODY = review("restricted")
CHUNKED = post(b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY), content_length=None, transfer_encoding="chunked")
_PLAIN = {
    "allowed": post(review("baseline")),
    "denied": post(BODY),
    "privileged": post(review("privileged", hostPID=True)),
    "mutate": post(BODY, "/mutate"),
    "advise": post(BODY, "/advise?timeout=30s"),
    "no JSON": post(b"{"),
    "a key twice": post(BODY.replace(b'"uid"', b'"uid": "v", "uid"')),
    "no body": post(b""),
    "type with parameters": post(BODY, content_type="Application/JSON; charset=utf-8"),
    "identity": post(BODY, content_encoding="identity"),
}
_BY_ASGI = {
    "an unknown namespace": post(review("nowhere")),
    "chunked": CHUNKED,
    "HTTP/1.0": post(BODY, version="1.0"),
    "close": post(BODY, connection="close"),
    "asked to go on": post(BODY, expect="100-continue"),
    "upgrade": post(BODY, connection="upgrade", upgrade="h2c"),
    "compressed": post(BODY, content_encoding="gzip"),
    "another type": post(BODY, content_type="text/plain"),
    "no type": post(BODY, content_type=None),
    "another path": post(BODY, "/validating"),
    "large": post(BODY + b" " * DEFAULT.large),
    "a probe": b"GET /livez HTTP/1.1\r\nhost: h\r\n\r\n",
    "read with GET": b"GET /validate HTTP/1.1\r\nhost: h\r\n\r\n",
}
_NEITHER = {"no HTTP": b"HELO me\r\n\r\n", "a long head": post(BODY, x="y" * 70000)}


@pytest.mark.parametrize("name", [*_PLAIN, *_BY_ASGI, *_NEITHER])
def test_an_answer_is_the_same_by_either_way(name: str) -> None:
    request = (_PLAIN | _BY_ASGI | _NEITHER)[name]
    plain, other = Served(), Served(plain=False)
    assert plain.ask(sending(request)) == other.ask(sending(request))
    assert plain.by_asgi == (name in _BY_ASGI)
    assert _told(plain) == _told(other)
    assert plain.in_flight == 0


def _told(served: Served) -> tuple[list[Any], list[str]]:
    """Give what log and metrics were told, but for times."""
    lines = [
        {k: v for k, v in line.items() if k not in ("time", "milliseconds")} for line in served.webhook.lines
    ]
    metrics = served.webhook.metrics.write().decode().splitlines()
    return lines, [line for line in metrics if "_seconds" not in line]


def test_requests_that_follow_each_other_are_answered_in_their_order() -> None:
    """However they are cut: in pieces of any size, one way in the middle of the other."""
    chance = random.Random(1)
    every = [*_PLAIN.values(), CHUNKED, _BY_ASGI["asked to go on"], _BY_ASGI["large"], _BY_ASGI["a probe"]]
    for _ in range(8):
        stream = b"".join(chance.choices(every, k=6))
        cuts = sorted(chance.sample(range(len(stream)), 9))
        pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
        expected = Served(plain=False).ask(sending(*pieces))
        assert Served().ask(sending(*pieces)) == expected
        assert expected[0].count(b"HTTP/1.1 ") >= 6


def test_a_request_that_comes_byte_by_byte_is_plain() -> None:
    request = post(BODY)
    served = Served()
    expected = Served(plain=False).ask(sending(request))
    assert served.ask(sending(*(request[at : at + 1] for at in range(len(request))))) == expected
    assert served.by_asgi == 0


def test_what_has_to_be_asked_first_goes_its_way_by_asgi() -> None:
    for source in (
        FixedSource(Snapshot(CLUSTER, "stale", "no word for a minute"), CLUSTER),
        FixedSource(Snapshot(CLUSTER, "synced"), None),
    ):
        namespace = "restricted" if source.snapshot().freshness == "stale" else "new"
        served = Served(source)
        (answer,) = served.ask(sending(post(review(namespace)), post(review(namespace))))
        assert answer.count(b'"allowed":false') == 2
        assert served.by_asgi == 2
        assert source.asked == [namespace, namespace]


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    served = Served(limits=ServerLimits(seconds_for_body=0.1))
    (answer,) = served.ask(sending(post(BODY)[:-1]))
    head, _, text = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"connection: close" in head
    assert text == b"the body was not whole after 0.1 s\n(closed)"
    assert served.by_asgi == 0
    assert served.in_flight == 0
    assert 'podproof_http_refusals_total{status="408"} 1.0' in served.webhook.metrics.write().decode()


def test_bodies_that_wait_are_bounded_together_and_let_go_of() -> None:
    body = BODY + b" " * 5000
    served = Served(limits=ServerLimits(bodies_together=10_000, seconds_for_body=1.0))
    enough = asyncio.Event()
    waiting = 0

    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        nonlocal waiting
        writer.write(post(body)[:-1])
        waiting += 1
        if waiting == 3:
            enough.set()
        return await reader.read()

    async def leaves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(post(body)[:-1])
        await writer.drain()
        await asyncio.sleep(0.1)
        return b""

    answers = served.ask(waits, waits, waits)
    assert sum(answer.startswith(b"HTTP/1.1 503 ") for answer in answers) >= 1
    assert all(answer.startswith((b"HTTP/1.1 503 ", b"HTTP/1.1 408 ")) for answer in answers)
    served.ask(leaves, leaves)
    assert served.in_flight == 0
    (answer,) = served.ask(sending(post(body)))  # nothing is held any more
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_connection_is_closed_once_it_has_been_idle() -> None:
    idle = 0.5

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        loop = asyncio.get_running_loop()
        for _ in range(5):
            last = loop.time()
            writer.write(post(BODY))
            assert await reader.readuntil(b"}}")
            await asyncio.sleep(idle / 2)
        writer.write(b"\r\n")  # begins no request
        rest = await reader.read()
        assert loop.time() - last >= idle
        return rest

    served = Served(idle=idle)
    (rest,) = served.ask(client)
    assert b"HTTP/1.1" not in rest
    assert served.by_asgi == 0


async def _ask_without_reading(writer: asyncio.StreamWriter, enough: Callable[[], bool]) -> None:
    """Ask more and more, so that buffers fill with answers."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is one of both directions
    while not enough():
        if writer.transport.get_write_buffer_size() < 1_000_000:
            writer.write(post(b"{") * 100)
        await asyncio.sleep(0.001)


def _any(served: Served, holds: Callable[[BoundedProtocol], bool]) -> bool:
    return any(map(holds, served.protocols))


def test_a_client_that_does_not_read_its_answers_is_cut_off() -> None:
    served = Served(limits=ServerLimits(seconds_to_read=0.3))

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        await _ask_without_reading(writer, lambda: _any(served, lambda one: one.transport.is_closing()))
        return b""

    served.ask(client)
    assert served.in_flight == 0


def test_a_client_that_reads_late_is_answered() -> None:
    served = Served(limits=ServerLimits(seconds_to_read=PATIENCE))

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        await _ask_without_reading(writer, lambda: _any(served, lambda one: one._unread is not None))
        writer.write(post(review("privileged")))
        writer.transport.resume_reading()  # type: ignore[attr-defined]  # as above
        got = b""
        while b'"allowed":true' not in got:
            got = got[-20:] + await reader.read(65536)
        assert served.protocols[0]._unread is None
        return b""

    served.ask(client)


def test_what_comes_after_the_end_is_not_looked_at() -> None:
    """TLS hands over what has come until it has closed a connection."""
    served = Served(limits=ServerLimits(seconds_for_body=0.1))

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(post(BODY)[:-1])
        while not served.protocols or not served.protocols[0].transport.is_closing():
            await asyncio.sleep(0.01)
        served.protocols[0].data_received(BODY[-1:] + post(BODY))
        return await reader.read()

    (answer,) = served.ask(client)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert served.by_asgi == 0
    assert not served.webhook.lines


def test_a_server_that_stops_answers_what_has_begun() -> None:
    served = Served()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(post(BODY)[:-1])
        while not served.protocols or served.in_flight == 0:
            await asyncio.sleep(0.01)
        served.protocols[0].shutdown()
        writer.write(post(BODY)[-1:])
        return await reader.read()

    (answer,) = served.ask(client)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection: close" in head
    assert json.loads(body)["response"]["allowed"] is False


def test_connections_are_closed_with_the_next_answer_while_the_server_drains() -> None:
    served = Served()
    served.webhook.app.health.draining = True
    (answer,) = served.ask(sending(post(BODY)))
    assert b"connection: close" in answer
    assert answer.endswith(b"(closed)")
