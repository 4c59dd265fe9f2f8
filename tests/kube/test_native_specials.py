"""The native reader takes for times, quantities and ports what the decoder in Python takes."""

import json
import random
from functools import cache
from typing import Any

import pytest

from podproof.kube.go_json import parse
from podproof.kube.go_values import UndecodableValue, decode_special, whole
from podproof.manifest.native import native_module

pytestmark = pytest.mark.skipif(
    native_module() is None, reason="the native reader is switched off, or not built: it needs Rust"
)
NAMES = {"time": "v1.Time", "quantity": "resource.Quantity", "integer or text": "intstr.IntOrString"}
TEXTS = 20_000
TIMES = [
    "2020-01-01T00:00:00Z", "2020-01-01T00:00:00+01:00", "2020-01-01T00:00:00-24:60",
    "2020-01-01T00:00:00+25:00",
    "2020-01-01T00:00:00+24:61", "2020-01-01T00:00:00.5Z", "2020-01-01T00:00:00,123456789012Z",
    "2020-01-01T00:00:00.Z", "2020-01-01T0:00:00Z", "2020-01-01T24:00:00Z", "2020-01-01T00:60:00Z",
    "2020-01-01T00:00:60Z", "2020-02-29T00:00:00Z", "2021-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
    "2000-02-29T00:00:00Z", "2020-04-31T00:00:00Z", "2020-00-01T00:00:00Z", "2020-13-01T00:00:00Z",
    "2020-01-00T00:00:00Z", "2020-01-32T00:00:00Z", "0000-01-99T00:00:00Z", "0000-13-01T00:00:00Z",
    "0001-01-01T00:59:59+01:00", "0001-01-01T01:00:00+01:00", "0001-01-02T00:59:00+24:60",
    "9999-12-31T23:00:00-00:59", "9999-12-31T23:00:00-01:00", "9999-12-30T22:00:00-24:60", "2020-01-01",
    "2020-01-01t00:00:00Z", "2020-01-01T00:00:00z", "2020-01-01T00:00:00ZZ", "2020-01-01T00:00:00", "",
    "2020-01-01T00:00:00+0100", "٢020-01-01T00:00:00Z", "2020-01-01T00:00:00.٢Z",
]  # fmt: skip
QUANTITIES = [
    "0", "1", "1.5", "1.", ".5", ".", "", "-", "+", "+-0", "0-0", "00", "1Ki", "1K", "1ki", "1e3", "1E3",
    "1e", "E",
    "e3", "1e+3", "1e-", "1e2147483647", "1e2147483648", "1e-2147483648", "1e0000000000009",
    "1e12345678901234",
    "1Ei", "1EiE", "1m5", "1n", "1e3k", " 1", "1 ", "\u00a01", "1\u2003", "1\u2028", "1\t", "\u00851",
    "1\u001c", "٣",
    "1_0", "0x1", "1.2.3", "1" * 50, "²", "1é",
]  # fmt: skip
NUMBERS = [
    "0", "-0", "1", "-1", "1.5", "1.0", "1e3", "1E+3", "-0.0", "1e400", "1e5000000000", "1e-400",
    "2147483647",
    "2147483648", "-2147483648", "-2147483649", "2147483647.0", "2147483648.0", "1e9", "1e10",
    "123456789012345678",
    "1" * 40, "1" * 299, "0.1e1", "1e-1",
]  # fmt: skip
OTHERS = ["true", "false", "[]", "{}", '["1"]', '{"a":1}']


@cache
def _outline(kind: str) -> Any:
    module = native_module()
    assert module is not None
    return module.Outline([("struct", [("a", 1, 0)]), (kind,)], 1, 9)


def _takes(kind: str, text: str, *, as_server: bool) -> bool:
    body = f'{{"a":{text}}}'.encode()
    outline = _outline(kind)
    return bool(outline.read_as_server(body) == (0, b"{}") if as_server else outline.read(body) == (b"{}",))


def _compare(kind: str, text: str) -> bool:
    """See that both take a text or none does, be it known how numbers are written or not."""
    takes = [_takes(kind, text, as_server=as_server) for as_server in (True, False)]
    decoded = [decode_special(NAMES[kind], value) for value in (parse(text.encode()), json.loads(text))]
    assert takes == [not isinstance(value, UndecodableValue) for value in decoded], (kind, text)
    return takes[0]


@pytest.mark.parametrize("kind", NAMES)
def test_chosen_texts(kind: str) -> None:
    texts = [
        json.dumps(text, ensure_ascii=escaped) for text in TIMES + QUANTITIES for escaped in (True, False)
    ]
    taken = [_compare(kind, text) for text in [*texts, *NUMBERS, *OTHERS]]
    assert any(taken)
    assert not all(taken)


@pytest.mark.parametrize("kind", NAMES)
def test_random_texts(kind: str) -> None:
    chance = random.Random(7)
    parts = [
        "0",
        "7",
        "12",
        "99",
        ".",
        "+",
        "-",
        "e",
        "E",
        "m",
        "k",
        "K",
        "i",
        "G",
        "n",
        "u",
        "T",
        ":",
        "Z",
        " ",
    ]
    taken = 0
    for _ in range(TEXTS):
        text = chance.choice((chance.choice(TIMES), "".join(chance.choices(parts, k=chance.randint(1, 5)))))
        if chance.random() < 0.7:
            place = chance.randint(0, len(text))
            text = text[:place] + chance.choice(parts) + text[place + chance.randint(0, 2) :]
        taken += _compare(kind, json.dumps(text))
    assert taken > TEXTS / 50


def test_integers_that_are_written_as_other_numbers() -> None:
    """A review is read into doubles, of which Go's words for a number are made."""
    chance = random.Random(9)
    module = native_module()
    assert module is not None
    read = module.Outline([("struct", [("a", 1, 1)]), ("integer", -(1 << 63), (1 << 63) - 1)], 1, 9).read
    taken = 0
    for _ in range(TEXTS):
        digits = "".join(chance.choices("0123456789", k=chance.randint(0, 19)))
        text = f"{chance.choice(('', '-'))}{chance.randint(0, 99)}{chance.choice(('', '.' + digits + '0'))}"
        text += chance.choice(("", f"e{chance.randint(-3, 20)}", f"E+{chance.randint(0, 20)}"))
        number = whole(json.loads(text), 63)
        outlines = read(f'{{"a":{text}}}'.encode())
        assert (None if outlines is None else json.loads(outlines[0])["a"]) == number, text
        taken += number is not None
    assert taken > TEXTS / 5
