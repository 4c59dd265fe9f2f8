"""Which key of a JSON text stands twice: the text comes in with what was read of it, and a route goes out.

The text is taken apart at the speed of C, a level at a time, and only on the way to the key.
"""

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from podproof.manifest.doubled import mapping_of_pairs, repeated_routes
from podproof.manifest.json_proofs import lost_colons
from podproof.manifest.route import Route

__all__ = ["LEVELS", "Repeating", "first_repeat", "first_repeating"]

LEVELS = 12
"""Collections in each other that are taken apart; each costs a look at the whole text that is left."""
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_pairs = json.JSONDecoder(object_pairs_hook=tuple).decode
_exactly = json.JSONDecoder(object_pairs_hook=mapping_of_pairs).decode


class Repeating(msgspec.Struct, frozen=True, gc=False):
    """An object in which a key stands twice, with its route and text.

    `members` are the texts of its values, of that key the last; `lost` is how many of its colons they lack.
    """

    route: Route
    text: bytes
    members: dict[str, bytes]
    lost: int


def first_repeat(text: bytes, value: Any, lost: int) -> Route | None:
    """Find the first of `repeated_routes`; None: no key stands twice.

    `value` is what msgspec reads of the text, and `lost` are the `lost_colons` of it. Raises ValueError,
    RecursionError: Python's own reader, which is asked in the end, does not read the text.
    """
    found = first_repeating(text, value, lost)
    if found is None or isinstance(found, Repeating):
        return None if found is None else (*found.route, _repeated_key(found.text))
    route, text = found
    rest = next(repeated_routes(_exactly(text.decode())), None)
    return None if rest is None else (*route, *rest)


def first_repeating(
    text: bytes, value: Any, lost: int, levels: int = LEVELS
) -> Repeating | tuple[Route, bytes] | None:
    """Find the first object in which a key stands twice, or the route and text of what has it deeper inside.

    Such an object is looked for on the first `levels`.
    """
    route: list[str | int] = []
    for _ in range(levels):
        if not lost:
            return None
        step: str | int
        if value.__class__ is dict:
            members = _members(text)
            texts = [bytes(member) for member in members.values()]
            if _lacks_a_pair(text, members, texts):
                return Repeating(tuple(route), text, dict(zip(members, texts, strict=True)), lost)
            found, lost = _first_unlike(value.values(), texts, lost)
            step = list(members)[found]
        else:
            texts = [bytes(item) for item in _items(text)]
            found, lost = _first_unlike(value, texts, lost)
            step = found
        route.append(step)
        text, value = texts[found], value[step]
    return tuple(route), text


def _lacks_a_pair(text: bytes, members: Iterable[str], texts: list[bytes]) -> bool:
    """Tell whether the text of an object has more than its members and theirs."""
    count = len(texts)
    if sum(map(len, texts)) + sum(map(len, members)) + 4 * count + 1 == len(text):
        return False  # no more than them with their quotes, colons and commas
    own = text.count(b":") - sum([part.count(b":") for part in texts])
    return own != count and own != count + sum([key.count(":") for key in members])


def _first_unlike(children: Iterable[Any], texts: list[bytes], lost: int) -> tuple[int, int]:
    """Find the first child that lost colons when it was read, and how many of the `lost` ones of all it lost.

    The longest is never asked: it lost what the others did not.
    """
    lengths = list(map(len, texts))
    longest = lengths.index(max(lengths))
    later = None
    for at, child in enumerate(children):
        if at != longest and (child.__class__ is dict or child.__class__ is list):
            gone = lost_colons(texts[at], child)
            if not gone:
                continue
            if at < longest:
                return at, gone
            later = later or (at, gone)
            lost -= gone
    return (longest, lost) if lost else later or (longest, 0)


def _repeated_key(text: bytes) -> str:
    """Find the key that is the first to be written again in an object."""
    seen = set[str]()
    key = ""
    for key, _ in _pairs(text.decode()):
        if key in seen:
            break
        seen.add(key)
    return key
