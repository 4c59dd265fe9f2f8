"""A name server's answers to the bytes that containers send it."""

import random
import socket
import struct

import pytest

from podproof.runtimes.network.dns import (
    Malformed,
    NamedPort,
    Zone,
    answer,
    answer_with,
    failure,
    make_zone,
    outside,
)

ZONE = make_zone(
    "svc.cluster.local",
    {
        "web.shop.svc.cluster.local": ["10.88.0.9"],
        "peers.shop.svc.cluster.local": [f"10.88.0.{n}" for n in range(10, 13)],
        "db-0.peers.shop.svc.cluster.local": ["10.88.0.10"],
        "many.shop.svc.cluster.local": [f"10.88.{n // 250}.{n % 250}" for n in range(400)],
    },
    aliases={
        "out.shop.svc.cluster.local": "db.example.com",
        "in.shop.svc.cluster.local": "web.shop.svc.cluster.local",
        "further.shop.svc.cluster.local": "out.shop.svc.cluster.local",
        "round.shop.svc.cluster.local": "round.shop.svc.cluster.local",
        "nowhere.shop.svc.cluster.local": "gone.shop.svc.cluster.local",
    },
    ports={
        "_http._tcp.web.shop.svc.cluster.local": [NamedPort("web.shop.svc.cluster.local", 80)],
        "_db._tcp.peers.shop.svc.cluster.local": [
            NamedPort("db-0.peers.shop.svc.cluster.local", 5432),
            NamedPort("db-1.peers.shop.svc.cluster.local", 5433),
        ],
    },
    pointers={"10.88.0.9": "web.shop.svc.cluster.local"},
)
A, CNAME, PTR, AAAA, SRV, ANY = 1, 5, 12, 28, 33, 255


def question(name: str, kind: int = A, flags: int = 0x0100, count: int = 1, group: int = 1) -> bytes:
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split(".") if label)
    return (
        struct.pack(">HHHHHH", 0x1234, flags, count, 0, 0, 0)
        + labels
        + b"\0"
        + struct.pack(">HH", kind, group)
    )


def read(message: bytes | None) -> tuple[int, list[str]]:
    """The code and the addresses of an answer; asserts that it is one."""
    assert message is not None
    id, flags, _, answers, authority, _ = struct.unpack_from(">HHHHHH", message)
    assert (id, flags & 0x8100) == (0x1234, 0x8100)
    at = 12
    while message[at]:
        at += message[at] + 1
    at += 5
    addresses = []
    for _ in range(answers):
        pointer, kind, group, ttl, length = struct.unpack_from(">HHHIH", message, at)
        assert (pointer, kind, group, ttl, length) == (0xC00C, A, 1, 5, 4)
        addresses.append(socket.inet_ntoa(message[at + 12 : at + 16]))
        at += 16
    assert (at == len(message)) == (authority == 0)
    return flags & 0xF, addresses


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("web.shop.svc.cluster.local", ["10.88.0.9"]),
        ("WeB.shop.SVC.cluster.local", ["10.88.0.9"]),
        ("peers.shop.svc.cluster.local", ["10.88.0.10", "10.88.0.11", "10.88.0.12"]),
        ("db-0.peers.shop.svc.cluster.local", ["10.88.0.10"]),
    ],
)
def test_names_with_addresses(name: str, addresses: list[str]) -> None:
    assert read(answer(question(name), ZONE)) == (0, addresses)
    assert read(answer(question(name, ANY), ZONE)) == (0, addresses)
    assert read(answer(question(name, AAAA), ZONE)) == (0, [])


def name_at(message: bytes, at: int) -> tuple[str, int]:
    """A name, and where it ends."""
    labels: list[str] = []
    while length := message[at]:
        if length & 0xC0:
            return ".".join([*labels, name_at(message, length << 8 & 0x3F00 | message[at + 1])[0]]), at + 2
        labels.append(message[at + 1 : at + 1 + length].decode())
        at += length + 1
    return ".".join(labels), at + 1


def records(message: bytes | None) -> list[tuple[str, int, object]]:
    """Every record of an answer but the zone's own, as name, type and what it says."""
    assert message is not None
    _, _, _, answers, authority, more = struct.unpack_from(">HHHHHH", message)
    at, found = name_at(message, 12)[1] + 4, list[tuple[str, int, object]]()
    for _ in range(answers + authority + more):
        name, at = name_at(message, at)
        kind, _, _, length = struct.unpack_from(">HHIH", message, at)
        at += 10
        if kind == A:
            found.append((name, kind, socket.inet_ntoa(message[at : at + 4])))
        elif kind in (CNAME, PTR):
            found.append((name, kind, name_at(message, at)[0]))
        elif kind == SRV:
            found.append(
                (name, kind, (*struct.unpack_from(">HHH", message, at), name_at(message, at + 6)[0]))
            )
        at += length
    assert at == len(message)
    return found


WEB = "web.shop.svc.cluster.local"


@pytest.mark.parametrize(
    ("first", "kind", "leads"),
    [
        ("out", A, [("out", CNAME, "db.example.com")]),
        ("out", AAAA, [("out", CNAME, "db.example.com")]),
        ("out", CNAME, [("out", CNAME, "db.example.com")]),
        ("out", SRV, []),
        ("in", A, [("in", CNAME, WEB), (WEB, A, "10.88.0.9")]),
        ("in", AAAA, [("in", CNAME, WEB)]),
        ("further", A, [("further", CNAME, "out.shop.svc.cluster.local"), ("out", CNAME, "db.example.com")]),
        ("nowhere", A, [("nowhere", CNAME, "gone.shop.svc.cluster.local")]),
    ],
)
def test_names_that_lead_to_others(first: str, kind: int, leads: list[tuple[str, int, str]]) -> None:
    whole = [(name if "." in name else f"{name}.shop.svc.cluster.local", *rest) for name, *rest in leads]
    assert records(answer(question(f"{first}.shop.svc.cluster.local", kind), ZONE)) == whole


def test_a_circle_ends() -> None:
    name = "round.shop.svc.cluster.local"
    assert records(answer(question(name), ZONE)) == [(name, CNAME, name)] * 8


@pytest.mark.parametrize("first", ["web", "in", "round", "nowhere", "gone"])
def test_what_stays_here_is_not_asked_elsewhere(first: str) -> None:
    assert outside(question(f"{first}.shop.svc.cluster.local"), ZONE) is None


def test_what_leads_out_is_asked_elsewhere_and_put_together() -> None:
    asked = question("further.shop.svc.cluster.local")
    further = outside(asked, ZONE)
    assert further == question("db.example.com")
    assert outside(question("out.shop.svc.cluster.local", AAAA), ZONE) is None
    there = make_zone(
        "example.com",
        {"db2.example.com": ["192.0.2.7", "192.0.2.8"]},
        aliases={"db.example.com": "db2.example.com"},
    )
    elsewhere = answer(further, there)
    assert elsewhere is not None
    assert records(answer_with(asked, ZONE, elsewhere)) == [
        ("further.shop.svc.cluster.local", CNAME, "out.shop.svc.cluster.local"),
        ("out.shop.svc.cluster.local", CNAME, "db.example.com"),
        ("db.example.com", A, "192.0.2.7"),
        ("db.example.com", A, "192.0.2.8"),
    ]
    for cut in (b"", elsewhere[:11], elsewhere[:20], elsewhere[:-18]):
        with pytest.raises(Malformed):
            answer_with(asked, ZONE, cut)


def test_another_name_servers_bytes_are_read_or_refused() -> None:
    chance = random.Random(11)
    asked = question("out.shop.svc.cluster.local")
    whole = answer(question("peers.shop.svc.cluster.local"), ZONE)
    assert whole is not None
    read_ones = 0
    for _ in range(3_000):
        changed = bytearray(whole[: chance.choice((len(whole), chance.randrange(1, len(whole))))])
        for _ in range(chance.randrange(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            reply = answer_with(asked, ZONE, bytes(changed), 512)
        except Malformed:
            continue
        assert reply is not None
        assert len(reply) <= 512
        read_ones += 1
    assert read_ones > 300


def test_named_ports() -> None:
    http, db = "_http._tcp.web.shop.svc.cluster.local", "_db._tcp.peers.shop.svc.cluster.local"
    assert records(answer(question(http, SRV), ZONE)) == [
        (http, SRV, (0, 100, 80, WEB)),
        (WEB, A, "10.88.0.9"),
    ]
    assert records(answer(question(db, SRV), ZONE)) == [
        (db, SRV, (0, 50, 5432, "db-0.peers.shop.svc.cluster.local")),
        (db, SRV, (0, 50, 5433, "db-1.peers.shop.svc.cluster.local")),
        ("db-0.peers.shop.svc.cluster.local", A, "10.88.0.10"),
    ]
    assert read(answer(question(http), ZONE)) == (0, [])
    assert read(answer(question("_other._tcp.web.shop.svc.cluster.local", SRV), ZONE)) == (3, [])


def test_names_of_addresses() -> None:
    name = "9.0.88.10.in-addr.arpa"
    assert records(answer(question(name, PTR), ZONE)) == [(name, PTR, WEB)]
    assert answer(question("8.0.88.10.in-addr.arpa", PTR), ZONE) is None
    assert answer(question(name, A), ZONE) is None


@pytest.mark.parametrize("name", ["shop.svc.cluster.local", "svc.cluster.local"])
def test_names_on_the_way_exist(name: str) -> None:
    assert read(answer(question(name), ZONE)) == (0, [])


@pytest.mark.parametrize(
    "name", ["api.shop.svc.cluster.local", "web.svc.cluster.local", "x.web.shop.svc.cluster.local"]
)
def test_there_is_no_such_name(name: str) -> None:
    assert read(answer(question(name), ZONE)) == (3, [])


@pytest.mark.parametrize("name", ["example.com", "cluster.local", "xsvc.cluster.local", ""])
def test_other_names_are_not_answered(name: str) -> None:
    assert answer(question(name), ZONE) is None
    assert read(failure(question(name))) == (2, [])


def test_what_is_too_long_for_a_datagram_is_cut_short() -> None:
    short = answer(question("many.shop.svc.cluster.local"), ZONE, 512)
    assert short is not None
    assert len(short) <= 512
    assert struct.unpack_from(">H", short, 2)[0] & 0x0200
    assert len(read(answer(question("many.shop.svc.cluster.local"), ZONE))[1]) == 400


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\0" * 11,
        question("web.shop.svc.cluster.local", flags=0x8100),
        question("web.shop.svc.cluster.local", flags=0x2800),
        question("web.shop.svc.cluster.local", count=0),
        question("web.shop.svc.cluster.local", count=2),
        question("web.shop.svc.cluster.local", group=3),
        question("web.shop.svc.cluster.local")[:-1],
        question("web.shop.svc.cluster.local")[:20],
        question("a")[:12] + b"\xc0\x0c" + b"\0\1\0\1",
        question(".".join(["a" * 63] * 5)),
    ],
)
def test_what_is_no_question_has_no_answer(message: bytes) -> None:
    with pytest.raises(Malformed):
        answer(message, ZONE)
    with pytest.raises(Malformed):
        failure(message)


def test_any_bytes_are_answered_or_refused() -> None:
    chance = random.Random(7)
    whole = question("web.shop.svc.cluster.local")
    answered = 0
    for _ in range(20_000):
        changed = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            answered += (
                answer(bytes(changed[: chance.randrange(10, len(changed) + 1)]), ZONE, 512) is not None
            )
        except Malformed:
            continue
    assert answered > 10


def test_an_empty_zone() -> None:
    assert read(
        answer(question("web.shop.svc.cluster.local"), Zone("svc.cluster.local", {}, frozenset()))
    ) == (3, [])
