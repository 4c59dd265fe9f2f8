"""Passes connections on to pods, and answers questions for names, in a thread that ends with this process.

Bound sockets and where they lead come in. Both sides are strangers: connections are counted, and none waits
for the other side longer than it may.
"""

import asyncio
import random
import resource
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from ..pods.reach import NetworkLocation, connect
from .dns import MAX_UDP, Malformed, Zone, answer, answer_with, failure, outside

__all__ = ["Endpoint", "Forwarder"]

Endpoint = tuple[NetworkLocation, int]
"""Where a pod is, and its port."""

_MAX_CONNECTIONS = 512
"""Connections at a time, or an eighth of the files that this process may open; others are turned away."""

_MAX_QUESTIONS = 64
"""Questions at a time that are passed on to other name servers."""

_MAX_CLIENTS = 256
"""Clients of a port for datagrams at a time; those of all ports are at most that eighth, too."""

_MAX_KNOWN = 4096
"""Clients of a port of which is remembered where they were led."""

_UDP_IDLE = 30.0
"""Seconds without an answer after which a client is forgotten. Source: nf_conntrack_udp_timeout."""

_CONNECT, _ASK, _READ = 5.0, 5.0, 30.0
"""Seconds for a connection to a pod, for an answer, and for a question over TCP."""

_NAMES = 53
"""The port of name servers. Source: RFC 1035."""

_END = 2.0
"""Seconds for all connections to end."""

_BACKLOG = 128
_CHUNK = 65536


class _EndpointChoice:
    """Chooses endpoints for the clients of one port: any, or for so many seconds the one that a client had.

    Source: kubernetes pkg/proxy: an endpoint is left only when it is gone, or no connection came for so long.
    """

    def __init__(self, endpoints: Callable[[], Sequence[Endpoint]], affinity: float | None) -> None:
        self._endpoints = endpoints
        self._affinity = affinity
        self._known: dict[str, tuple[Endpoint, float]] = {}

    def order(self, client: str, now: float) -> list[Endpoint]:
        """Give endpoints in the order in which they are tried, three at most."""
        endpoints = self._endpoints()
        chosen = random.sample(endpoints, min(len(endpoints), 3))
        if self._affinity is None:
            return chosen
        assigned = self._known.get(client)
        if assigned is None or assigned[0] not in endpoints or now - assigned[1] > self._affinity:
            return chosen
        return [assigned[0], *(one for one in chosen if one != assigned[0])]

    def took(self, client: str, endpoint: Endpoint, now: float) -> None:
        """Remember where a client was led."""
        if self._affinity is None:
            return
        self._known.pop(client, None)
        if len(self._known) >= _MAX_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[client] = endpoint, now


class Forwarder:
    """Serves sockets until `close`. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="forwarder", daemon=True)
        self._loop.set_exception_handler(lambda *_: None)  # what strangers send is told nobody
        self._thread.start()
        # each takes a descriptor or two, and the pods' own files need theirs
        self._share = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 8
        self._connections = self._questions = self._datagram_clients = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def listen(
        self, bound: socket.socket, endpoints: Callable[[], Sequence[Endpoint]], affinity: float | None = None
    ) -> None:
        """Accept connections and pass each on to one of the endpoints that there are then.

        `affinity`: seconds for which a client's address is led to the same one again.
        """
        bound.listen(_BACKLOG)
        bound.setblocking(False)
        self._start(self._accept(bound, _EndpointChoice(endpoints, affinity)))

    def relay(
        self, bound: socket.socket, endpoints: Callable[[], Sequence[Endpoint]], affinity: float | None = None
    ) -> None:
        """Pass datagrams on: each client's to one of the endpoints that there are then, and answers back."""
        bound.setblocking(False)
        self._start(self._relay(bound, _EndpointChoice(endpoints, affinity)))

    def serve_names(
        self,
        udp: socket.socket,
        tcp: socket.socket,
        zone: Callable[[], Zone],
        upstream: Sequence[str] = (),
    ) -> None:
        """Answer questions; those about other names are passed on to the first of `upstream`, if any."""
        tcp.listen(_BACKLOG)
        for one in (udp, tcp):
            one.setblocking(False)
        self._start(self._names_by_udp(udp, zone, upstream))
        self._start(self._names_by_tcp(tcp, zone, upstream))

    def close(self) -> None:
        """End every connection; may be repeated."""
        if self._loop.is_closed():
            return
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_END)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_END)
        if not self._thread.is_alive():
            self._loop.close()

    async def _end(self) -> None:
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop.call_soon_threadsafe(self._keep, work)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, bound: socket.socket, choice: _EndpointChoice) -> None:
        async for client, address in self._clients(bound):
            self._keep(self._pass_on(client, str(address[0]), choice))

    async def _clients(self, bound: socket.socket) -> AsyncIterator[tuple[socket.socket, Any]]:
        while True:
            await asyncio.sleep(0)  # so that those who are let in are counted, and have their turn
            try:
                client, address = await self._loop.sock_accept(bound)
            except OSError:  # no descriptor is left, say
                await asyncio.sleep(0.1)
                continue
            if self._connections >= min(_MAX_CONNECTIONS, self._share):
                _reset(client)
                continue
            yield client, address

    async def _pass_on(self, client: socket.socket, address: str, choice: _EndpointChoice) -> None:
        self._connections += 1
        try:
            server = await self._connected(address, choice)
            if server is None:
                _reset(client)
                return
            client.setblocking(False)
            near = await asyncio.open_connection(sock=client)
            far = await asyncio.open_connection(sock=server)
            try:
                await asyncio.gather(_pump(near[0], far[1]), _pump(far[0], near[1]))
            finally:
                for writer in (near[1], far[1]):
                    writer.close()
        except OSError:
            return
        finally:
            self._connections -= 1
            client.close()

    async def _connected(self, address: str, choice: _EndpointChoice) -> socket.socket | None:
        """Connect a client to one of the endpoints; None when none of them answers."""
        for location, port in choice.order(address, self._loop.time()):
            with suppress(OSError):
                server = await self._connect(location, port)
                choice.took(address, (location, port), self._loop.time())
                return server
        return None

    async def _connect(self, location: NetworkLocation, port: int) -> socket.socket:
        """Connect to an endpoint. Raises OSError: it does not answer in time, or refuses."""
        if location.pid is not None:
            server = await self._loop.run_in_executor(None, connect, location, port, _CONNECT)
            server.setblocking(False)
            return server
        # without a thread: who does not answer must not keep the few threads from others
        server = socket.socket(socket.AF_INET6 if ":" in location.address else socket.AF_INET)
        server.setblocking(False)
        try:
            async with asyncio.timeout(_CONNECT):
                await self._loop.sock_connect(server, (location.address, port))
        except BaseException:  # cancelled too: the caller never sees the socket to close it
            server.close()
            raise
        return server

    async def _relay(self, bound: socket.socket, choice: _EndpointChoice) -> None:
        clients: dict[Any, socket.socket] = {}
        while True:
            await asyncio.sleep(0)  # a flood must not take the turns of everybody else
            try:
                data, client = await self._loop.sock_recvfrom(bound, 65535)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            server = clients.get(client)
            with suppress(OSError):
                if server is None:
                    if len(clients) >= _MAX_CLIENTS or self._datagram_clients >= self._share:
                        continue
                    # a pod without an address has no datagrams: nothing on this side is in its network
                    there = [
                        one for one in choice.order(str(client[0]), self._loop.time()) if one[0].pid is None
                    ]
                    if not there:
                        continue
                    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    server.setblocking(False)
                    server.connect((there[0][0].address, there[0][1]))
                    choice.took(str(client[0]), there[0], self._loop.time())
                    clients[client] = server
                    self._datagram_clients += 1
                    self._keep(self._send_back(bound, client, server, clients))
                await self._loop.sock_sendall(server, data)

    async def _send_back(
        self, bound: socket.socket, client: Any, server: socket.socket, clients: dict[Any, socket.socket]
    ) -> None:
        """Send answers to a client, until there has been none for a while."""
        try:
            while True:
                async with asyncio.timeout(_UDP_IDLE):
                    data = await self._loop.sock_recv(server, 65535)
                await self._send(bound, data, client)
        except (OSError, TimeoutError):
            return
        finally:
            self._datagram_clients -= 1
            clients.pop(client).close()

    async def _names_by_udp(
        self, udp: socket.socket, zone: Callable[[], Zone], upstream: Sequence[str]
    ) -> None:
        while True:
            await asyncio.sleep(0)
            try:
                question, client = await self._loop.sock_recvfrom(udp, 4096)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            with suppress(Malformed):
                known = zone()
                reply = answer(question, known, MAX_UDP)
                asks = reply is None or outside(question, known) is not None
                if asks and upstream and self._questions < _MAX_QUESTIONS:
                    self._keep(self._ask_and_send(udp, question, client, known, upstream))
                else:
                    await self._send(udp, reply or failure(question), client)

    async def _send(self, udp: socket.socket, reply: bytes, client: Any) -> None:
        with suppress(OSError):  # the client is gone
            await self._loop.sock_sendto(udp, reply, client)

    async def _ask_and_send(
        self, udp: socket.socket, question: bytes, client: Any, zone: Zone, upstream: Sequence[str]
    ) -> None:
        self._questions += 1
        try:
            await self._send(udp, await self._reply(question, zone, upstream, MAX_UDP), client)
        finally:
            self._questions -= 1

    async def _reply(self, question: bytes, zone: Zone, upstream: Sequence[str], limit: int) -> bytes:
        """Answer by the zone, by another name server, or by both where a name leads out of the zone.

        Raises Malformed: it is no question.
        """
        reply, further = answer(question, zone, limit), outside(question, zone)
        asked = question if reply is None else further
        elsewhere = await self._ask(asked, upstream[0]) if asked is not None and upstream else None
        if reply is None or elsewhere is None:
            return reply or elsewhere or failure(question)
        with suppress(Malformed):
            return answer_with(question, zone, elsewhere, limit) or reply
        return reply

    async def _ask(self, question: bytes, server: str) -> bytes | None:
        """Ask another name server over UDP; None when it does not answer."""
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            try:
                asking.connect((server, _NAMES))  # only it can answer
                await self._loop.sock_sendall(asking, question)
                async with asyncio.timeout(_ASK):
                    while True:
                        reply = await self._loop.sock_recv(asking, 65535)
                        if reply[:2] == question[:2]:
                            return reply
            except (OSError, TimeoutError):
                return None

    async def _names_by_tcp(
        self, tcp: socket.socket, zone: Callable[[], Zone], upstream: Sequence[str]
    ) -> None:
        async for client, _ in self._clients(tcp):
            self._keep(self._answer_by_tcp(client, zone, upstream))

    async def _answer_by_tcp(
        self, client: socket.socket, zone: Callable[[], Zone], upstream: Sequence[str]
    ) -> None:
        self._connections += 1
        try:
            client.setblocking(False)
            reader, writer = await asyncio.open_connection(sock=client)
            async with asyncio.timeout(_READ):
                (length,) = struct.unpack(">H", await reader.readexactly(2))
                question = await reader.readexactly(length)
                reply = await self._reply(question, zone(), upstream, 65535)
                writer.write(struct.pack(">H", len(reply)) + reply)
                await writer.drain()
            writer.close()
        except (OSError, EOFError, TimeoutError, Malformed):
            return
        finally:
            self._connections -= 1
            client.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until one side ends, and tell the other."""
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.close()  # a side that is gone cannot be written to, so the other way ends too


def _reset(client: socket.socket) -> None:
    """Refuse a connection that was accepted already: the other side reads a reset."""
    with suppress(OSError):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
