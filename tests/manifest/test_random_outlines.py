"""Outlines of random texts and of mutants of them are those of a small model in Python."""

import json
import random
from typing import Any

import pytest

from podproof.manifest.document import Document
from podproof.manifest.native import native_module
from podproof.manifest.reader import read

pytestmark = pytest.mark.skipif(
    native_module() is None, reason="the native reader is switched off, or not built: it needs Rust"
)

TEXTS = 3_000
MUTANTS_OF_EACH = 8
OUTLINES = 3
_SPECIAL = "integer or text"
_ROOT, _ANY, _STRING, _BOOL, _INTEGER, _STATED, _EITHER, _ITEMS, _NUMBERS, _TEXTS, _FLAGS = range(11)
TABLE: list[tuple[Any, ...]] = [
    (
        "struct",
        [
            ("string", _STRING, 0b001),
            ("bool", _BOOL, 0b010),
            ("integer", _INTEGER, 0b111),
            ("any", _ANY, 0b100),
            ("items", _ITEMS, 0b111),
            ("numbers", _NUMBERS, 0b101),
            ("inner", _ROOT, 0b011),
            ("unkept", _ANY, 0),
            ("unkeptItems", _ITEMS, 0),
            ("unkeptTexts", _TEXTS, 0),
            ("stated", _STATED, 0b001),
            ("either", _EITHER, 0b110),
            ("é", _FLAGS, 0b010),
            ("", _TEXTS, 0b001),
        ],
    ),
    ("any",),
    ("string",),
    ("bool",),
    ("integer", -(1 << 31), (1 << 31) - 1),
    ("stated",),
    (_SPECIAL,),
    ("list", _ROOT),
    ("map", _INTEGER),
    ("list", _STATED),
    ("list", _BOOL),
]
_ZEROS: dict[str, Any] = {"string": "", "bool": False, "integer": 0, "struct": {}}


class _Odd(Exception):
    pass


class _Pairs(list[tuple[str, Any]]):
    pass


def _modelled(value: Any, type_: int, kept: int, bit: int, *, is_item: bool = False) -> Any:
    """Give what the outline `bit` keeps of a value of which the outlines `kept` keep something."""
    kind, *more = TABLE[type_]
    if value is None:
        if kind == "stated" or (is_item and kept and kind not in _ZEROS):
            raise _Odd
        return _ZEROS[kind] if is_item and kept else None
    if isinstance(value, _Pairs):
        if kind not in ("struct", "map", "any"):
            raise _Odd
        if kind != "struct":
            item = more[0] if more else type_
            return {key: _modelled(part, item, kept, bit, is_item=True) for key, part in value}
        fields = {name: (field, bits & kept) for name, field, bits in more[0]}
        strangers = [part for key, part in value if key not in fields]
        _modelled(strangers, _ANY, 0, bit)
        parts = {key: _modelled(part, *fields[key], bit) for key, part in value if key in fields}
        return {key: part for key, part in parts.items() if fields[key][1] & bit}
    if isinstance(value, list):
        if kind not in ("list", "any"):
            raise _Odd
        item = more[0] if more else type_
        return [_modelled(part, item, kept, bit, is_item=True) for part in value]
    if isinstance(value, bool):
        fits = kind in ("bool", "any")
    elif isinstance(value, str):
        fits = kind in ("string", "stated", "any", _SPECIAL)
    elif kind == "integer" and value == int(value) and more[0] <= value <= more[1]:
        return int(value)
    else:
        fits = kind == "any" or (kind == _SPECIAL and value == int(value) and abs(value) < 1 << 31)
    if not fits:
        raise _Odd
    return value


def _model(text: str) -> list[Any] | None:
    """Give what each outline of a valid text keeps; None: it is odd."""
    value = json.loads(text, object_pairs_hook=_Pairs)
    every = (1 << OUTLINES) - 1
    try:
        return [_modelled(value, _ROOT, every, 1 << place) for place in range(OUTLINES)]
    except _Odd:
        return None


def _first_repeat(text: str) -> list[str | int] | None:
    (document,) = read("a.json", text.encode())
    assert isinstance(document, Document)
    route = next(iter(document.duplicates), None)
    return None if route is None else list(route)


class _Writer:
    """Writes random values of the table's types, a few of them of another type, with blanks and escapes."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._oddness = chance.choice((0, 0, 0.02, 0.1))
        self._repeats = chance.choice((0, 0, 0.02, 0.2))

    def write(self, type_: int, depth: int = 0) -> str:
        chance = self._chance
        if chance.random() < self._oddness:
            return chance.choice(("null", "7", '"x"', "[]", "{}", "true", "[null]", "2.5"))
        kind, *more = TABLE[type_]
        if kind == "any":
            kinds = ("string", "bool", "integer", "list", "map") if depth < 4 else ("string", "integer")
            kind, more = chance.choice(kinds), [_ANY]
        if kind == "struct":
            names = chance.sample(more[0], min(len(more[0]), chance.randint(0, 5) if depth < 4 else 0))
            if chance.random() < self._oddness:
                names.append(("unknown", _ANY, 0))
            return self._object([(name, self.write(field, depth + 1)) for name, field, _ in names])
        if kind == "list":
            items = [self.write(more[0], depth + 1) for _ in range(chance.randint(0, 3))]
            return f"[{self._blank()}{','.join(self._blank() + item for item in items)}{self._blank()}]"
        if kind == "map":
            count = chance.choice((0, 1, 2, 3, 15, 16, 17, 20)) if depth < 2 else chance.randint(0, 2)
            keys = [chance.choice(("", "é", "a:b", '"', "😀", "\\")) + str(place) for place in range(count)]
            return self._object([(key, self.write(more[0], depth + 1)) for key in keys])
        if kind == "bool":
            return chance.choice(("true", "false"))
        if kind == "integer":
            return str(chance.choice((0, 7, -1, chance.randint(-(1 << 31), (1 << 31) - 1))))
        if kind == _SPECIAL:
            return chance.choice(("1", '"x"', '"\\u00e9"', '"é"', "1.0", "2147483647"))
        return self._string(chance.choice(("", "a", "x" * 20, "é😀", '"\\/\n', "null", "{}[]:,")))

    def _object(self, pairs: list[tuple[str, str]]) -> str:
        if pairs and self._chance.random() < self._repeats:
            pairs.insert(self._chance.randint(0, len(pairs)), self._chance.choice(pairs))
        written = [
            f"{self._blank()}{self._string(key)}{self._blank()}:{self._blank()}{value}{self._blank()}"
            for key, value in pairs
        ]
        return f"{{{','.join(written) or self._blank()}}}"

    def _string(self, text: str) -> str:
        chance = self._chance
        written = json.dumps(text, ensure_ascii=chance.random() < 0.3)
        if text and text[0].isalnum() and text[0].isascii() and chance.random() < 0.2:
            written = f'"\\u{ord(text[0]):04x}{written[2:]}'
        return written

    def _blank(self) -> str:
        return self._chance.choice(("", "", "", "", "", " ", "\n\t", "\r "))


_PARTS = (
    b"", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"0", b"1e1", b"-", b".", b" ", b"\n",
    b"\0", b"\xff", b"\xc3", b"\\ud800", b'"a":1,', b'"string":"",', b"true", b"9" * 20, b"\xef\xbb\xbf",
    b"/", b"\\u00",
)  # fmt: skip


def _mutant(chance: random.Random, text: bytes) -> bytes:
    for _ in range(chance.randint(1, 2)):
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.choice((0, 0, 1, 1, 2, 8)))
        middle = text[start:end] * 2 if chance.random() < 0.2 else chance.choice(_PARTS)
        text = text[:start] + middle + text[end:]
    return text


def _compare(outlines: tuple[bytes, ...] | list[str | int] | None, text: str) -> None:
    """See that what was given for a text is right, if anything was."""
    if outlines is None:
        return
    first = _first_repeat(text)
    if isinstance(outlines, list):
        assert outlines == first, text
        return
    assert first is None, text
    kept = [json.loads(outline) for outline in outlines]
    # as text: true is no 1 and 1 no 1.0
    assert json.dumps(kept) == json.dumps(_model(text)), text


@pytest.mark.parametrize("seed", range(2))
def test_random_texts_and_their_mutants(seed: int) -> None:
    module = native_module()
    assert module is not None
    read_outlines = module.Outline(TABLE, OUTLINES, 100).read
    chance = random.Random(seed)
    tally = {"kept": 0, "repeated": 0, "odd": 0, "mutants": 0}
    for _ in range(TEXTS // 2):
        text = _Writer(chance).write(_ROOT)
        given = read_outlines(text.encode())
        _compare(given, text)
        if given is None:
            tally["odd"] += 1
            assert _model(text) is None, text
        else:
            tally["repeated" if isinstance(given, list) else "kept"] += 1
        for _ in range(MUTANTS_OF_EACH):
            mutant = _mutant(chance, text.encode())
            given = read_outlines(mutant)
            if given is not None:
                tally["mutants"] += 1
                _compare(given, mutant.decode())
    assert all(count > TEXTS / 50 for count in tally.values()), tally


@pytest.mark.parametrize("seed", range(2, 4))
def test_what_is_skipped_ends_where_the_value_does(seed: int) -> None:
    """Wherever it begins, and whatever brackets, quotes and backslashes are in its strings."""
    module = native_module()
    assert module is not None
    rows = [("struct", [("a", 1, 1), ("b", 2, 1)]), ("skipped",), ("string",)]
    read_outlines = module.Outline(rows, 1, 100).read
    chance = random.Random(seed)
    for _ in range(TEXTS):
        value = _Writer(chance).write(_ANY)
        blanks = " " * chance.randint(0, 8)
        text = f'{{"a":{blanks}{value},"b":"{chance.choice(("", "x", "{", "]"))}"}}'
        assert read_outlines(text.encode()) == (text.replace(f":{blanks}{value}", f":{value}", 1).encode(),)
