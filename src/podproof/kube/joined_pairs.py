"""The text of a pod in which a key stands twice, with the two values joined as Go's decoder would do it.

Text comes in with what msgspec read of it; text that means the same to a server goes out, or None: it is for
the exact decoder. Two objects and two plain values are joined so, at the speed of C.
Source: Go 1.26 encoding/json decode.go, object: a struct or a map is decoded over what is there.
"""

from typing import Any

import msgspec

from ..manifest.json_repeats import LEVELS, Repeating, first_repeating
from ..manifest.route import Route
from .types import Type, workload_type
from .versions import NEWEST

__all__ = ["join_pair"]

_LEVELS_OF_MORE = 2
"""Collections in each other in which the key is looked for where more than one colon is lost: several keys
may stand twice then, and the search is in vain."""
_MOST_MEMBERS = 64
"""More than any struct of a pod has: each is looked for in the whole text."""
_MOST_TRIED = 8
"""Places that may be the first of the two; a key may stand in the values of others too."""
_BLANKS = (b" ", b"\n", b"\t", b"\r")
_DIGITS = 10
"""A number with fewer digits fits into every integer field of a pod."""
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_key = msgspec.json.Encoder().encode


def join_pair(text: bytes, value: Any, lost: int) -> bytes | None:
    """Join the values of the only key that stands twice.

    `value` is what msgspec reads of the text, and `lost` are the `lost_colons` of it.
    """
    found = first_repeating(text, value, lost, LEVELS if lost == 1 else _LEVELS_OF_MORE)
    if not isinstance(found, Repeating) or found.lost != lost:
        return None  # there are others
    type_ = _type_at(found.route)
    if type_ is None or len(found.members) > _MOST_MEMBERS:
        return None
    has_blanks = any(blank in found.text for blank in _BLANKS)
    compact = msgspec.json.format(found.text, indent=-1) if has_blanks else found.text
    members = found.members
    if len(compact) != len(found.text):
        members = {name: bytes(member) for name, member in _members(compact).items()}
    pair = _first_of_pair(compact, members)
    joined = None if pair is None else _join(type_, *pair, members[pair[0]])
    if pair is None or joined is None:
        return None
    members[pair[0]] = joined
    whole = b"{" + b",".join([_key(name) + b":" + member for name, member in members.items()]) + b"}"
    if not found.route:
        return whole
    return text.replace(found.text, whole) if text.count(found.text) == 1 else None


def _type_at(route: Route) -> Type | None:
    """Find the struct or the map that stands at a route of a pod."""
    type_ = workload_type("v1", "Pod", NEWEST)
    for step in route:
        if type_ is None:
            return None
        if type_.kind == "struct":
            field = type_.fields.get(str(step))
            type_ = None if field is None else field.type
        else:
            type_ = type_.item
    return type_ if type_ is not None and type_.kind in ("struct", "map") else None


def _first_of_pair(text: bytes, members: dict[str, bytes]) -> tuple[str, bytes] | None:
    """Find the pair that a later one replaced: without it, nothing but the members stands in the object.

    The text is compact. None, too, where more than one pair was replaced.
    """
    kept = sum([len(_key(name)) + 2 + len(member) for name, member in members.items()])
    length = len(text) - 1 - kept
    tried = 0
    for name in members:
        key = _key(name) + b":"
        at = text.find(key)
        while at >= 0 and text.find(key, at + 1) >= 0:
            if text[at - 1] in b"{," and text[at + length - 1 : at + length] == b",":
                tried += 1
                rest = text[:at] + text[at + length :]
                first = text[at + len(key) : at + length - 1]
                if _has_members(rest, members) and _has_members(b"{" + key + first + b"}", {name: first}):
                    return name, first
            if tried == _MOST_TRIED:
                return None
            at = text.find(key, at + 1)
    return None


def _has_members(text: bytes, members: dict[str, bytes]) -> bool:
    """Tell whether a text is an object of these members and of nothing else."""
    try:
        found = _members(text)
    except msgspec.MsgspecError:
        return False
    return len(found) == len(members) and all(
        bytes(part) == members.get(name) for name, part in found.items()
    )


def _join(holder: Type, key: str, first: bytes, second: bytes) -> bytes | None:
    """Join two values of a key: two objects become one of all their pairs, of plain values the second stays.

    None: the first may be refused, or what the two make is for the exact decoder.
    """
    if holder.kind == "map":
        type_ = holder.item
    else:
        field = holder.fields.get(key)
        if field is None:
            return second  # no field
        type_ = field.type
    assert type_ is not None
    if first in (second, b"null"):
        return second
    if holder.kind == "map":
        return second if type_.kind == "string" and first[:1] == second[:1] == b'"' else None
    if type_.kind in ("struct", "map"):
        if not first[:1] == second[:1] == b"{":
            return None
        if first == b"{}" or second == b"{}":
            return second if first == b"{}" else first
        return first[:-1] + b"," + second[1:]
    if type_.kind == "string":
        return second if first[:1] == second[:1] == b'"' else None
    if type_.kind == "bool":
        return second if first in (b"true", b"false") and second != b"null" else None
    if type_.kind == "int":
        return second if len(first) < _DIGITS and first.isdigit() and second != b"null" else None
    return None
