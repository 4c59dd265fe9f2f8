"""A name server's answers, without a network: a question's bytes and a zone go in, an answer's come out.

Questions come from containers: whatever is not exactly one question is not answered.
Source: RFC 1035; RFC 2308 for the time that "no such name" is remembered; RFC 2782 for ports (SRV).
"""

import socket
import struct
from collections.abc import Iterator, Mapping, Sequence

import msgspec

__all__ = [
    "MAX_UDP",
    "NO_ANSWER",
    "Malformed",
    "NamedPort",
    "Zone",
    "answer",
    "answer_with",
    "failure",
    "make_zone",
    "outside",
]

MAX_UDP = 512
"""Bytes of an answer over UDP; one with more is cut short, and asked for again over TCP."""

_QR, _AA, _TC, _RD, _RA = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
_OPCODE = 0x7800
_NO_ERROR, NO_ANSWER, _NO_NAME = 0, 2, 3
_A, _CNAME, _SOA, _PTR, _AAAA, _SRV, _ANY, _IN = 1, 5, 6, 12, 28, 33, 255, 1

_TTL = 5
"""Seconds. Source: CoreDNS plugin/kubernetes, defaultTTL."""

_HEADER = struct.Struct(">HHHHHH")

_MAX_ALIASES = 8
"""Names that lead to others in a row."""

_HERE = b"\xc0\x0c"
"""The name of the question, as a pointer to it."""


class Malformed(Exception):
    """What was received is not a question."""


class NamedPort(msgspec.Struct, frozen=True):
    """Where a port with a name is: the name of a Service or a pod, and a number."""

    target: str
    port: int


class Zone(msgspec.Struct, frozen=True):
    """Names below `origin`, in small letters without a final dot, and their IPv4 addresses.

    `names` has those names and every one on the way to them, which exist without an address. `aliases` are
    other names for a name, here or elsewhere; `ports` those of `_NAME._PROTOCOL` names; `pointers` maps names
    of addresses (`9.0.88.10.in-addr.arpa`) to names.
    """

    origin: str
    addresses: Mapping[str, Sequence[str]]
    names: frozenset[str]
    aliases: Mapping[str, str] = {}
    ports: Mapping[str, Sequence[NamedPort]] = {}
    pointers: Mapping[str, str] = {}


def make_zone(
    origin: str,
    addresses: Mapping[str, Sequence[str]],
    *,
    aliases: Mapping[str, str] | None = None,
    ports: Mapping[str, Sequence[NamedPort]] | None = None,
    pointers: Mapping[str, str] | None = None,
) -> Zone:
    """Make a zone of names that end with `origin`; `pointers` are by address (`10.88.0.9`)."""
    names = {origin}
    for name in (*addresses, *(aliases or ()), *(ports or ())):
        while name not in names:
            names.add(name)
            name = name.partition(".")[2]
    reverse = {
        f"{'.'.join(reversed(ip.split('.')))}.in-addr.arpa": name for ip, name in (pointers or {}).items()
    }
    return Zone(origin, dict(addresses), frozenset(names), dict(aliases or {}), dict(ports or {}), reverse)


def answer(question: bytes, zone: Zone, limit: int = 65535) -> bytes | None:
    """Answer a question about the zone in at most `limit` bytes; None when it is about something else.

    Raises Malformed: it is none.
    """
    return _answer(question, zone, (), limit)


def answer_with(question: bytes, zone: Zone, elsewhere: bytes, limit: int = 65535) -> bytes | None:
    """Answer as `answer` does, with the addresses that another name server gave for the last alias.

    Raises Malformed: it is no question, or the other answer is none.
    """
    return _answer(question, zone, tuple(_addresses_in(elsewhere)), limit)


def outside(question: bytes, zone: Zone) -> bytes | None:
    """Give the question to ask elsewhere when a name leads out of the zone; None when it does not.

    Raises Malformed: it is no question.
    """
    name, kind, _ = _question(question)
    last = _aliases_of(name, zone)[-1:]
    if kind != _A or not last or _is_below(last[0], zone):
        return None
    return question[:4] + struct.pack(">HHHH", 1, 0, 0, 0) + _encoded(last[0]) + struct.pack(">HH", _A, _IN)


def _answer(question: bytes, zone: Zone, elsewhere: Sequence[bytes], limit: int) -> bytes | None:
    name, kind, end = _question(question)
    if kind == _PTR and name in zone.pointers:
        records = [_record(_HERE, _PTR, _encoded(zone.pointers[name]))]
        return _message(question, end, _NO_ERROR, records, (), limit)
    if not _is_below(name, zone):
        return None
    if name not in zone.names:
        return _message(question, end, _NO_NAME, (), _authority(zone), limit)
    records = [*_records(name, kind, zone, elsewhere)]
    more = _targets(zone.ports.get(name, ()), zone) if kind == _SRV else ()
    return _message(question, end, _NO_ERROR, records, () if records else _authority(zone), limit, more)


def _is_below(name: str, zone: Zone) -> bool:
    return name == zone.origin or name.endswith(f".{zone.origin}")


def _records(name: str, kind: int, zone: Zone, elsewhere: Sequence[bytes]) -> Iterator[bytes]:
    if kind == _SRV:
        ports = zone.ports.get(name, ())
        for port in ports:
            # Source: CoreDNS plugin/backend_lookup.go, SRV: weights are shared out
            data = struct.pack(">HHH", 0, 100 // len(ports), port.port) + _encoded(port.target)
            yield _record(_HERE, _SRV, data)
        return
    if kind not in (_A, _AAAA, _CNAME, _ANY):
        return
    owner, last = _HERE, name
    for alias in _aliases_of(name, zone):
        yield _record(owner, _CNAME, _encoded(alias))
        owner, last = _encoded(alias), alias
    if kind in (_A, _ANY):
        known = [socket.inet_aton(address) for address in zone.addresses.get(last, ())]
        yield from (_record(owner, _A, address) for address in (*known, *elsewhere))


def _aliases_of(name: str, zone: Zone) -> list[str]:
    """List the names that a name leads to, one after another; a circle ends somewhere."""
    found: list[str] = []
    while name in zone.aliases and len(found) < _MAX_ALIASES:
        name = zone.aliases[name]
        found.append(name)
    return found


def _targets(ports: Sequence[NamedPort], zone: Zone) -> list[bytes]:
    """Give the addresses of the names that ports are at."""
    return [
        _record(_encoded(target), _A, socket.inet_aton(address))
        for target in dict.fromkeys(port.target for port in ports)
        for address in zone.addresses.get(target, ())
    ]


def _addresses_in(message: bytes) -> Iterator[bytes]:
    """Take the addresses out of an answer; whose they are is passed over."""
    if len(message) < _HEADER.size:
        raise Malformed
    _, _, questions, answers, _, _ = _HEADER.unpack_from(message)
    at = _HEADER.size
    try:
        for _ in range(questions):
            at = _after_name(message, at) + 4
        for _ in range(answers):
            at = _after_name(message, at)
            kind, _, _, length = struct.unpack_from(">HHIH", message, at)
            at += 10
            if kind == _A and length == 4 and at + 4 <= len(message):
                yield message[at : at + 4]
            at += length
    except (IndexError, struct.error):
        raise Malformed from None


def _after_name(message: bytes, at: int) -> int:
    while length := message[at]:
        if length & 0xC0:
            return at + 2
        at += 1 + length
    return at + 1


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
    question: bytes,
    end: int,
    code: int,
    answers: Sequence[bytes],
    authority: Sequence[bytes],
    limit: int,
    additional: Sequence[bytes] = (),
) -> bytes:
    id, flags = struct.unpack_from(">HH", question)
    flags = _QR | _AA | _RA | (flags & _RD) | code
    asked = question[_HEADER.size : end]
    body = b"".join((*answers, *authority, *additional))
    if _HEADER.size + len(asked) + len(body) > limit:
        return _HEADER.pack(id, flags | _TC, 1, 0, 0, 0) + asked
    return _HEADER.pack(id, flags, 1, len(answers), len(authority), len(additional)) + asked + body


def _record(name: bytes, kind: int, data: bytes) -> bytes:
    return name + struct.pack(">HHIH", kind, _IN, _TTL, len(data)) + data


def _authority(zone: Zone) -> tuple[bytes]:
    """Give the record that says for how long there is nothing of this name."""
    origin = _encoded(zone.origin)
    data = _encoded(f"ns.dns.{zone.origin}") + _encoded(f"hostmaster.{zone.origin}")
    return (_record(origin, _SOA, data + struct.pack(">IIIII", 1, 7200, 1800, 86400, _TTL)),)


def _encoded(name: str) -> bytes:
    return b"".join(bytes((len(label),)) + label.encode("ascii") for label in name.split(".")) + b"\0"
