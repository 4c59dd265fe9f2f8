"""A name server's answers to the bytes that containers send it."""

import random
import socket
import struct

import pytest

from podproof.runtimes.network.dns import Malformed, Zone, answer, failure, make_zone

ZONE = make_zone(
    "svc.cluster.local",
    {
        "web.shop.svc.cluster.local": ["10.88.0.9"],
        "peers.shop.svc.cluster.local": [f"10.88.0.{n}" for n in range(10, 13)],
        "db-0.peers.shop.svc.cluster.local": ["10.88.0.10"],
        "many.shop.svc.cluster.local": [f"10.88.{n // 250}.{n % 250}" for n in range(400)],
    },
)
A, AAAA, ANY = 1, 28, 255


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
