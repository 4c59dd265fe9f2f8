"""A name server's answers, without a network: a question's bytes and a zone go in, an answer's come out.

Questions come from containers: whatever is not exactly one question is not answered.
Source: RFC 1035; RFC 2308 for the time that "no such name" is remembered.
"""

import socket
import struct
from collections.abc import Mapping, Sequence

import msgspec

__all__ = ["MAX_UDP", "NO_ANSWER", "Malformed", "Zone", "answer", "failure", "make_zone"]

MAX_UDP = 512
"""Bytes of an answer over UDP; one with more is cut short, and asked for again over TCP."""

_QR, _AA, _TC, _RD, _RA = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
_OPCODE = 0x7800
_NO_ERROR, NO_ANSWER, _NO_NAME = 0, 2, 3
_A, _SOA, _ANY, _IN = 1, 6, 255, 1

_TTL = 5
"""Seconds. Source: CoreDNS plugin/kubernetes, defaultTTL."""

_HEADER = struct.Struct(">HHHHHH")


class Malformed(Exception):
    """What was received is not a question."""


class Zone(msgspec.Struct, frozen=True):
    """Names below `origin`, in small letters without a final dot, and their IPv4 addresses.

    `names` has those names and every one on the way to them, which exist without an address.
    """

    origin: str
    addresses: Mapping[str, Sequence[str]]
    names: frozenset[str]


def make_zone(origin: str, addresses: Mapping[str, Sequence[str]]) -> Zone:
    """Make a zone of names that end with `origin`."""
    names = {origin}
    for name in addresses:
        while name not in names:
            names.add(name)
            name = name.partition(".")[2]
    return Zone(origin, dict(addresses), frozenset(names))


def answer(question: bytes, zone: Zone, limit: int = 65535) -> bytes | None:
    """Answer a question about the zone in at most `limit` bytes; None when it is about something else.

    Raises Malformed: it is none.
    """
    name, kind, end = _question(question)
    if name != zone.origin and not name.endswith(f".{zone.origin}"):
        return None
    if name not in zone.names:
        return _message(question, end, _NO_NAME, (), _authority(zone), limit)
    addresses = zone.addresses.get(name, ()) if kind in (_A, _ANY) else ()
    records = [_record(b"\xc0\x0c", _A, socket.inet_aton(address)) for address in addresses]
    return _message(question, end, _NO_ERROR, records, () if records else _authority(zone), limit)


def failure(question: bytes, code: int = NO_ANSWER) -> bytes:
    """Answer that the server has no answer. Raises Malformed: it is no question."""
    return _message(question, _question(question)[2], code, (), (), MAX_UDP)


def _question(message: bytes) -> tuple[str, int, int]:
    """Take the name, the type, and where the question ends."""
    if len(message) < _HEADER.size:
        raise Malformed
    _, flags, questions, _, _, _ = _HEADER.unpack_from(message)
    if flags & (_QR | _OPCODE) or questions != 1:
        raise Malformed
    labels: list[str] = []
    at = _HEADER.size
    while True:
        if at >= len(message):
            raise Malformed
        length = message[at]
        at += 1
        if not length:
            break
        # a question has no names before it to point to
        if length > 63 or at + length > len(message) or at + length > _HEADER.size + 255:
            raise Malformed
        labels.append(message[at : at + length].decode("latin-1").lower())
        at += length
    if at + 4 > len(message):
        raise Malformed
    kind, group = struct.unpack_from(">HH", message, at)
    if group != _IN:
        raise Malformed
    return ".".join(labels), kind, at + 4


def _message(
    question: bytes, end: int, code: int, answers: Sequence[bytes], authority: Sequence[bytes], limit: int
) -> bytes:
    id, flags = struct.unpack_from(">HH", question)
    flags = _QR | _AA | _RA | (flags & _RD) | code
    asked = question[_HEADER.size : end]
    body = b"".join((*answers, *authority))
    if _HEADER.size + len(asked) + len(body) > limit:
        return _HEADER.pack(id, flags | _TC, 1, 0, 0, 0) + asked
    return _HEADER.pack(id, flags, 1, len(answers), len(authority), 0) + asked + body


def _record(name: bytes, kind: int, data: bytes) -> bytes:
    return name + struct.pack(">HHIH", kind, _IN, _TTL, len(data)) + data


def _authority(zone: Zone) -> tuple[bytes]:
    """Give the record that says for how long there is nothing of this name."""
    origin = _encoded(zone.origin)
    data = _encoded(f"ns.dns.{zone.origin}") + _encoded(f"hostmaster.{zone.origin}")
    return (_record(origin, _SOA, data + struct.pack(">IIIII", 1, 7200, 1800, 86400, _TTL)),)


def _encoded(name: str) -> bytes:
    return b"".join(bytes((len(label),)) + label.encode("ascii") for label in name.split(".")) + b"\0"
