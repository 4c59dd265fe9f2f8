"""Scalars resolve as go-yaml v2 resolves them, not as PyYAML or YAML 1.2 do."""

import math

import pytest

from podproof.manifest.document import Document
from podproof.manifest.reader import read
from podproof.manifest.scalars import float_key, is_timestamp, resolve_plain

TABLE: list[tuple[str, object]] = [
    ("y", True), ("Y", True), ("yes", True), ("On", True), ("TRUE", True), ("yEs", "yEs"),
    ("n", False), ("No", False), ("OFF", False), ("false", False),
    ("~", None), ("null", None), ("Null", None), ("nULL", "nULL"),
    ("0", 0), ("-0", 0), ("010", 8), ("0644", 420), ("0o644", 420), ("0O17", 15),
    ("08", 8.0), ("0_8", 8.0),
    ("0x1F", 31), ("0x", "0x"), ("0b1", 1), ("-0b1", -1), ("0b-1", -1), ("0b", "0b"), ("0o8", "0o8"),
    ("1_000", 1000), ("1__0", 10), ("_1", "_1"), ("+5", 5), ("-5", -5), ("--5", "--5"), ("+", "+"),
    ("18446744073709551615", 2**64 - 1), ("18446744073709551616", 1.8446744073709552e19),
    ("-9223372036854775808", -(2**63)), ("-9223372036854775809", -9.223372036854775809e18),
    ("1e3", 1000.0), ("1.0", 1.0), ("0.", 0.0), (".5", 0.5), ("+.5", 0.5),
    (".5_0", 0.5), (".5_", ".5_"), ("._5", "._5"), (".", "."),
    ("1e400", "1e400"), ("9" * 5000, "9" * 5000), ("0" * 5000 + "7", 7),
    (".inf", math.inf), ("-.INF", -math.inf), (".iNF", ".iNF"),
    ("12:30", "12:30"), ("8080:22", "8080:22"), ("2024-01-01", "2024-01-01"), ("=", "="),
    ("١", "١"), ("1²", "1²"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), TABLE)
def test_plain(text: str, value: object) -> None:
    found = resolve_plain(text)
    assert (type(found), found) == (type(value), value)


def test_nan() -> None:
    assert math.isnan(resolve_plain(".nan"))  # type: ignore[arg-type]  # it is a float by the table


@pytest.mark.parametrize(
    ("key", "text"),
    [("yes", "true"), ("0644", "420"), ("1.5", "1.5"), ("1e6", "1e+06"), (".inf", ".inf"), ("'yes'", "yes")],
)
def test_keys_become_strings(key: str, text: str) -> None:
    (document,) = read("f.yaml", f"{key}: 1\n".encode())
    assert isinstance(document, Document)
    assert document.value == {text: 1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!str 5", "5"), ("!!int '5'", 5), ("!!bool yes", True), ("!!float 5", 5.0), ("!!binary aGk=", "hi"),
        ("!mine 5", "5"), ("! 'yes'", "yes"), ("'yes'", "yes"), ("<<", "<<"),
        ("!!timestamp 2024-01-01", "2024-01-01"),
    ],
)  # fmt: skip
def test_tags(text: str, value: object) -> None:
    (document,) = read("f.yaml", f"a: {text}\n".encode())
    assert isinstance(document, Document)
    assert document.value == {"a": value}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (1e-5, "1e-05"), (16777217.0, "1.6777216e+07"), (-0.0, "-0"), (1e300, ".inf")],
)
def test_float_keys(value: float, text: str) -> None:
    assert float_key(value) == text


def test_timestamps() -> None:
    assert is_timestamp("2001-12-14t21:59:43.10-05:00")
    assert is_timestamp("2001-12-14 21:59:43.10")
    assert not is_timestamp("2023-02-29")
    assert not is_timestamp("2001-12-14T21:59:43")
