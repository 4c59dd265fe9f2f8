"""Connections that are passed on, and questions that are answered, over loopback."""

import contextlib
import os
import resource
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from network.test_dns import CNAME, ZONE, A, question, read, records
from waiting import PATIENCE, wait_until

from podproof.runtimes.network import forwarder as module
from podproof.runtimes.network.dns import make_zone
from podproof.runtimes.network.forwarder import Endpoint, Forwarder
from podproof.runtimes.pods.reach import NetworkLocation

LOOPBACK = NetworkLocation("127.0.0.1")


@pytest.fixture
def forwarder() -> Iterator[Forwarder]:
    forwarder = Forwarder()
    yield forwarder
    forwarder.close()


def bound(kind: int = socket.SOCK_STREAM) -> socket.socket:
    made = socket.socket(socket.AF_INET, kind)
    made.bind(("127.0.0.1", 0))
    return made


@contextlib.contextmanager
def server(greeting: bytes) -> Iterator[int]:
    """A server that reads all that comes, and answers with a greeting and how much it was."""
    listener = bound()
    listener.listen()

    def converse(client: socket.socket) -> None:
        with client:
            size = 0
            while data := client.recv(65536):
                size += len(data)
            client.sendall(greeting + str(size).encode())

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=converse, args=(client,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def said(port: int, data: bytes = b"") -> bytes:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(data)
        try:
            client.shutdown(socket.SHUT_WR)
        except OSError as error:  # it was reset a moment ago, so that it is not connected any more
            raise ConnectionResetError from error
        parts = []
        while part := client.recv(65536):
            parts.append(part)
        return b"".join(parts)


def test_both_ways_and_half_closed(forwarder: Forwarder) -> None:
    with server(b"one ") as port:
        listener = bound()
        forwarder.listen(listener, lambda: [(LOOPBACK, port)])
        assert said(listener.getsockname()[1], b"x" * 3_000_000) == b"one 3000000"


def test_every_endpoint_has_its_turn_and_dead_ones_are_passed_over(forwarder: Forwarder) -> None:
    gone = bound()  # bound, and nobody listens
    with server(b"a") as first, server(b"b") as second:
        listener = bound()
        ends: list[Endpoint] = [(LOOPBACK, one) for one in (first, second, gone.getsockname()[1])]
        forwarder.listen(listener, lambda: ends)
        wait_until(
            lambda: {said(listener.getsockname()[1]) for _ in range(8)} == {b"a0", b"b0"}, "both servers"
        )


def test_without_an_endpoint_the_connection_is_reset(forwarder: Forwarder) -> None:
    listener = bound()
    forwarder.listen(listener, list)
    with pytest.raises(ConnectionResetError):
        said(listener.getsockname()[1])


def test_too_many_connections_are_turned_away(forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_CONNECTIONS", 2)
    with server(b"") as port, contextlib.ExitStack() as held:
        listener = bound()
        forwarder.listen(listener, lambda: [(LOOPBACK, port)])
        address = listener.getsockname()
        first = [held.enter_context(socket.create_connection(address, PATIENCE)) for _ in range(2)]
        wait_until(lambda: forwarder._connections == 2, "two connections")
        with pytest.raises(ConnectionResetError):
            said(address[1])
        first[0].shutdown(socket.SHUT_WR)
        assert first[0].recv(10) == b"0"
        wait_until(lambda: forwarder._connections == 1, "the end of one")
        assert said(address[1]) == b"0"


def test_connections_that_wait_already_are_counted(
    forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_CONNECTIONS", 2)
    with server(b"") as port, contextlib.ExitStack() as held:
        listener = bound()
        listener.listen(50)
        waiting = [
            held.enter_context(socket.create_connection(listener.getsockname(), PATIENCE)) for _ in range(40)
        ]
        forwarder.listen(listener, lambda: [(LOOPBACK, port)])
        for client in waiting[2:]:
            with pytest.raises(ConnectionResetError):
                client.recv(1)
        for client in waiting[:2]:
            client.shutdown(socket.SHUT_WR)
            assert client.recv(10) == b"0"


@pytest.fixture
def few_files() -> Iterator[int]:
    """So many files may be open in this process, a few more than there are."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = len(os.listdir("/proc/self/fd")) + 200
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, before[1]))
    yield few
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_strangers_leave_files_for_others(few_files: int) -> None:
    forwarder = Forwarder()
    listener = bound()
    held = []
    try:
        with server(b"") as port, echo(b"a") as words:
            forwarder.listen(listener, lambda: [(LOOPBACK, port)])
            relay = bound(socket.SOCK_DGRAM)
            forwarder.relay(relay, lambda: [(LOOPBACK, words)])
            for _ in range(few_files // 8):
                held.append(socket.create_connection(listener.getsockname(), PATIENCE))
            wait_until(lambda: forwarder._connections == few_files // 8, "the connections")
            with pytest.raises(ConnectionResetError):
                said(listener.getsockname()[1])
            for _ in range(few_files // 8):
                assert ask(relay.getsockname()[1], b"x") == b"ax"
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
                late.settimeout(0.2)
                late.sendto(b"x", relay.getsockname())
                with pytest.raises(TimeoutError):
                    late.recv(9)
            assert len(os.listdir("/proc/self/fd")) < few_files
    finally:
        for client in held:
            client.close()
        forwarder.close()


def test_who_does_not_answer_keeps_nobody_waiting(
    forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CONNECT", PATIENCE)  # much longer than a busy machine takes for the rest
    full = bound()
    full.listen(0)
    with contextlib.ExitStack() as held, server(b"a") as port:
        for _ in range(3):  # nobody accepts: the queue is full, and the kernel lets others try again
            one = held.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        stuck, listener = bound(), bound()
        forwarder.listen(stuck, lambda: [(LOOPBACK, full.getsockname()[1])])
        forwarder.listen(listener, lambda: [(LOOPBACK, port)])
        for _ in range(50):
            held.enter_context(socket.create_connection(stuck.getsockname(), PATIENCE))
        begun = time.monotonic()
        assert said(listener.getsockname()[1]) == b"a0"
        assert time.monotonic() - begun < module._CONNECT


class Flood(socket.socket):
    """A socket for datagrams to which one has always just come, until it is `over`."""

    over = False

    def recvfrom(self, *_: object) -> tuple[bytes, object]:  # type: ignore[override]
        if self.over:
            raise BlockingIOError
        return b"x", "somebody"


@pytest.mark.parametrize("way", ["datagrams", "questions"])
def test_a_flood_leaves_others_their_turn(forwarder: Forwarder, way: str) -> None:
    with Flood(socket.AF_INET, socket.SOCK_DGRAM) as flood:
        if way == "datagrams":
            forwarder.relay(flood, list)
        else:
            forwarder.serve_names(flood, bound(), lambda: ZONE)
        udp = bound(socket.SOCK_DGRAM)
        forwarder.serve_names(udp, bound(), lambda: ZONE)
        try:
            reply = ask(udp.getsockname()[1], question("web.shop.svc.cluster.local"))
            assert read(reply) == (0, ["10.88.0.9"])
        finally:
            flood.over = True
            forwarder.close()


@contextlib.contextmanager
def echo(word: bytes) -> Iterator[int]:
    """A server that answers each datagram with a word before it."""
    with bound(socket.SOCK_DGRAM) as server:

        def serve() -> None:
            while True:
                data, client = server.recvfrom(65535)
                if data == b"end":
                    return
                server.sendto(word + data, client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", server.getsockname())
        thread.join(PATIENCE)


def test_datagrams_of_a_client_go_one_way(forwarder: Forwarder) -> None:
    with echo(b"a") as first, echo(b"b") as second:
        relay = bound(socket.SOCK_DGRAM)
        forwarder.relay(relay, lambda: [(LOOPBACK, first), (LOOPBACK, second)])
        seen = set()
        for _ in range(30):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(PATIENCE)
                client.connect(relay.getsockname())
                answers = []
                for _ in range(3):
                    client.send(b"x" * 9000)
                    answers.append(client.recv(65535))
                assert answers == [answers[0]] * 3
                assert answers[0][1:] == b"x" * 9000
                seen.add(answers[0][:1])
        assert seen == {b"a", b"b"}


def test_clients_with_datagrams_are_limited_and_forgotten(
    forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_CLIENTS", 2)
    monkeypatch.setattr(module, "_UDP_IDLE", 0.5)
    with echo(b"a") as port, contextlib.ExitStack() as opened:
        relay = bound(socket.SOCK_DGRAM)
        forwarder.relay(relay, lambda: [(LOOPBACK, port)])
        clients = [opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(3)]
        for client in clients:
            client.connect(relay.getsockname())
        for client in clients[:2]:
            client.settimeout(PATIENCE)
            client.send(b"x")
            assert client.recv(9) == b"ax"
        last = clients[2]
        last.settimeout(0.05)

        def answered() -> bool:
            last.send(b"y")
            with contextlib.suppress(TimeoutError):
                return last.recv(9) == b"ay"
            return False

        wait_until(answered, "the end of an older client")


def test_datagrams_without_an_endpoint_are_dropped(forwarder: Forwarder) -> None:
    ends: list[Endpoint] = []
    with echo(b"a") as port:
        relay = bound(socket.SOCK_DGRAM)
        forwarder.relay(relay, lambda: ends)
        ask_nobody = question("x")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(relay.getsockname())
            client.settimeout(0.2)
            client.send(ask_nobody)
            with pytest.raises(TimeoutError):
                client.recv(9)
        ends.append((LOOPBACK, port))
        assert ask(relay.getsockname()[1], b"x") == b"ax"


@pytest.fixture
def names(forwarder: Forwarder) -> tuple[int, int]:
    """The ports of a name server, for UDP and TCP."""
    udp, tcp = bound(socket.SOCK_DGRAM), bound()
    forwarder.serve_names(udp, tcp, lambda: ZONE)
    return udp.getsockname()[1], tcp.getsockname()[1]


def ask(port: int, *messages: bytes) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(PATIENCE)
        asking.connect(("127.0.0.1", port))
        for message in messages:
            asking.send(message)
        return asking.recv(65535)


def test_names_over_udp(names: tuple[int, int]) -> None:
    web = question("web.shop.svc.cluster.local")
    assert read(ask(names[0], web)) == (0, ["10.88.0.9"])
    assert read(ask(names[0], b"nonsense", b"", web)) == (0, ["10.88.0.9"])
    assert read(ask(names[0], question("example.com"))) == (2, [])


def test_names_over_tcp(names: tuple[int, int]) -> None:
    message = question("many.shop.svc.cluster.local")
    reply = said(names[1], struct.pack(">H", len(message)) + message)
    assert struct.unpack(">H", reply[:2])[0] == len(reply) - 2
    assert len(read(reply[2:])[1]) == 400
    assert said(names[1], b"\xff\xffnot so long") == b""
    assert said(names[1], b"\0\4abcd") == b""


def test_a_closed_forwarder_lets_go(forwarder: Forwarder) -> None:
    with server(b"") as port:
        listener = bound()
        forwarder.listen(listener, lambda: [(LOOPBACK, port)])
        with socket.create_connection(listener.getsockname(), PATIENCE) as client:
            wait_until(lambda: forwarder._connections == 1, "the connection")
            forwarder.close()
            client.settimeout(PATIENCE)
            with contextlib.suppress(ConnectionResetError):
                assert client.recv(1) == b""


def test_a_client_is_led_to_the_same_endpoint_again(forwarder: Forwarder) -> None:
    with server(b"a") as first, server(b"b") as second:
        sticky, forgetful = bound(), bound()
        ends: list[Endpoint] = [(LOOPBACK, first), (LOOPBACK, second)]
        forwarder.listen(sticky, lambda: ends, 1000)
        forwarder.listen(forgetful, lambda: ends, -1)
        (held,) = {said(sticky.getsockname()[1]) for _ in range(30)}
        port = forgetful.getsockname()[1]
        wait_until(lambda: {said(port) for _ in range(8)} == {b"a0", b"b0"}, "both servers")
        ends.pop(0 if held == b"a0" else 1)
        other = said(sticky.getsockname()[1])
        assert other != held
        ends.append((LOOPBACK, first if held == b"a0" else second))
        assert {said(sticky.getsockname()[1]) for _ in range(30)} == {other}


def test_datagrams_of_one_host_are_led_to_the_same_endpoint(forwarder: Forwarder) -> None:
    with echo(b"a") as first, echo(b"b") as second:
        relay = bound(socket.SOCK_DGRAM)
        forwarder.relay(relay, lambda: [(LOOPBACK, first), (LOOPBACK, second)], 1000)
        assert len({ask(relay.getsockname()[1], b"x") for _ in range(30)}) == 1


def test_clients_that_are_remembered_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_KNOWN", 2)
    ends: list[Endpoint] = [(LOOPBACK, port) for port in range(1, 4)]
    choice = module._EndpointChoice(lambda: ends, 10)
    for number in range(9):
        choice.took(f"10.0.0.{number}", ends[0], number)
    assert [*choice._known] == ["10.0.0.7", "10.0.0.8"]
    assert choice.order("10.0.0.8", 18)[0] == ends[0]
    assert {choice.order("10.0.0.8", 18.1)[0] for _ in range(99)} == {*ends}


def test_what_leads_out_is_asked_of_the_other_name_server(
    forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = make_zone("example.com", {"db.example.com": ["192.0.2.7"]})
    other = bound(socket.SOCK_DGRAM)
    forwarder.serve_names(other, bound(), lambda: elsewhere)
    monkeypatch.setattr(module, "_NAMES", other.getsockname()[1])
    udp, tcp = bound(socket.SOCK_DGRAM), bound()
    forwarder.serve_names(udp, tcp, lambda: ZONE, ("127.0.0.1",))
    message = question("out.shop.svc.cluster.local")
    whole = [
        ("out.shop.svc.cluster.local", CNAME, "db.example.com"),
        ("db.example.com", A, "192.0.2.7"),
    ]
    assert records(ask(udp.getsockname()[1], message)) == whole
    reply = said(tcp.getsockname()[1], struct.pack(">H", len(message)) + message)
    assert records(reply[2:]) == whole
    assert read(ask(udp.getsockname()[1], question("db.example.com"))) == (0, ["192.0.2.7"])
    forwarder_alone = bound(socket.SOCK_DGRAM)
    forwarder.serve_names(forwarder_alone, bound(), lambda: ZONE)
    assert records(ask(forwarder_alone.getsockname()[1], message)) == whole[:1]
