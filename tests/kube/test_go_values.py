"""Values that decode themselves, number by number: times, quantities, int-or-strings, base64, floats."""

from typing import Any

import pytest

from podproof.kube.go_base64 import find_base64_problem
from podproof.kube.go_values import UndecodableValue, decode_special, go_float, json_word, literal, whole

SUFFIXES = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n", "u", "m", "k", "M", "G", "T", "P", "E")
LAYOUT = '"2006-01-02T15:04:05Z07:00"'


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.999999Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05,5Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+01:30", "2026-01-02T01:34:05Z"),
        ("2026-01-02T03:04:05-01:30", "2026-01-02T04:34:05Z"),
        ("2026-12-31T23:59:59-24:60", "2027-01-02T00:59:59Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
        ("0999-01-01T00:00:00Z", "0999-01-01T00:00:00Z"),
        ("1000-01-01T00:00:00Z", "1000-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_time(text: str, kept: str) -> None:
    assert decode_special("v1.Time", text) == kept


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", 'as {layout}: cannot parse "" as "2006"'),
        ("26-01-02", 'as {layout}: cannot parse "26-01-02" as "2006"'),
        ("2026/01/02", 'as {layout}: cannot parse "/01/02" as "-"'),
        ("2026-1-02", 'as {layout}: cannot parse "1-02" as "01"'),
        ("2026-01-2", 'as {layout}: cannot parse "2" as "02"'),
        ("2026-01-02 03:04:05Z", 'as {layout}: cannot parse " 03:04:05Z" as "T"'),
        ("2026-01-02Tx:04:05Z", 'as {layout}: cannot parse "x:04:05Z" as "15"'),
        ("2026-01-02T", 'as {layout}: cannot parse "" as "15"'),
        ("2026-01-02T03:4:05Z", 'as {layout}: cannot parse "4:05Z" as "04"'),
        ("2026-01-02T03:04:5Z", 'as {layout}: cannot parse "5Z" as "05"'),
        ("2026-01-02T03:04:05", 'as {layout}: cannot parse "" as "Z07:00"'),
        ("2026-01-02T03:04:05+0130", 'as {layout}: cannot parse "+0130" as "Z07:00"'),
        ("2026-01-02T03:04:05 01:30", 'as {layout}: cannot parse " 01:30" as "Z07:00"'),
        ("2026-01-02T03:04:05+0x:30", 'as {layout}: cannot parse "+0x:30" as "Z07:00"'),
        ("2026-01-02T03:04:05.Z", 'as {layout}: cannot parse ".Z" as "Z07:00"'),
        ("2026-13-02T03:04:05Z", ": month out of range"),
        ("2026-00-02T03:04:05Z", ": month out of range"),
        ("2026-01-32T03:04:05Z", ": day out of range"),
        ("2026-02-29T03:04:05Z", ": day out of range"),
        ("2026-01-02T24:04:05Z", ": hour out of range"),
        ("2026-01-02T03:60:05Z", ": minute out of range"),
        ("2026-01-02T03:04:60Z", ": second out of range"),
        ("2026-01-02T03:04:05+25:00", ": time zone offset hour out of range"),
        ("2026-01-02T03:04:05+24:61", ": time zone offset minute out of range"),
        ("2026-01-02T03:04:05Zx", ': extra text: "x"'),
        ("2026-01-02T03:04:05+01:00y", ': extra text: "y"'),
    ],
)
def test_no_time(text: str, problem: str) -> None:
    space = " " if problem.startswith("as") else ""
    expected = f'parsing time "{text}"{space}{problem.format(layout=LAYOUT)}'
    assert decode_special("v1.Time", text) == UndecodableValue(expected)


def test_what_a_time_is_quoted_as() -> None:
    found = decode_special("v1.Time", 'a"\\é\n')
    quoted = r'"a\"\\\xc3\xa9\x0a"'
    assert found == UndecodableValue(f'parsing time {quoted} as {LAYOUT}: cannot parse {quoted} as "2006"')


@pytest.mark.parametrize(
    ("value", "word"),
    [(True, "bool"), (1, "number"), (1.5, "number"), ([], "array"), ({}, "object"), (None, "object")],
)
def test_a_time_of_another_type(value: Any, word: str) -> None:
    assert decode_special("v1.Time", value) == UndecodableValue(word=word, type="string")
    assert json_word(value) == word


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("1", "1"),
        (" 1Gi ", "1Gi"),
        (1, "1"),
        (1.5, "1.5"),
        ("1e3", "1e3"),
        ("1E-3", "1E-3"),
        ("+1.5m", "+1.5m"),
        ("-.5", "-.5"),
        (".", "0"),
        ("-", "0"),
        ("00", "00"),
        *((f"2{suffix}", f"2{suffix}") for suffix in SUFFIXES),
    ],
)
def test_a_quantity(value: Any, kept: str) -> None:
    assert decode_special("resource.Quantity", value) == kept


FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
SUFFIX = "unable to parse quantity's suffix"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", FORMAT),
        ("x", FORMAT),
        ("1 Gi", FORMAT),
        ("1x", FORMAT),
        ("1.2.3", FORMAT),
        (True, FORMAT),
        ([], FORMAT),
        ({}, FORMAT),
        ('1"', FORMAT),
        ("1K", SUFFIX),
        ("1mi", SUFFIX),
        ("1Gi2", SUFFIX),
        ("1ee3", SUFFIX),
        ("1e+", SUFFIX),
        ("1e2147483648", SUFFIX),
        ("1k5", SUFFIX),
    ],
)
def test_no_quantity(value: Any, message: str) -> None:
    assert decode_special("resource.Quantity", value) == UndecodableValue(message)


@pytest.mark.parametrize("value", ["", "web", "80", 80, -(1 << 31), (1 << 31) - 1, 80.0])
def test_an_int_or_string(value: Any) -> None:
    assert decode_special("intstr.IntOrString", value) == value


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (1.5, "number 1.5"),
        (1 << 31, "number 2147483648"),
        (-(1 << 31) - 1, "number -2147483649"),
        (True, "bool"),
        ([], "array"),
    ],
)
def test_no_int_or_string(value: Any, word: str) -> None:
    assert decode_special("intstr.IntOrString", value) == UndecodableValue(word=word, type="int32")


def test_other_values_are_kept() -> None:
    for value in (None, 1, {"a": []}):
        assert decode_special("runtime.RawExtension", value) is value


@pytest.mark.parametrize(
    ("value", "bits", "number"),
    [
        (127, 7, 127),
        (128, 7, None),
        (-128, 7, -128),
        (-129, 7, None),
        (3.0, 31, 3),
        (-3.0, 31, -3),
        (3.5, 31, None),
        (1e21, 63, None),
        (float(1 << 62), 63, 4611686018427388000),
        (float(1 << 63), 63, None),
        (True, 31, None),
        ("3", 31, None),
    ],
)
def test_whole_numbers(value: Any, bits: int, number: int | None) -> None:
    assert whole(value, bits) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (10.0, "10"),
        (1.5, "1.5"),
        (1e-6, "0.000001"),
        (9e-7, "9e-7"),
        (1.25e-9, "1.25e-9"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1.5e300, "-1.5e+300"),
        (float("inf"), "inf"),
    ],
)
def test_floats_as_go_prints_them(value: float, text: str) -> None:
    assert go_float(value) == literal(value) == text


def test_the_literal_of_an_integer() -> None:
    assert literal(7) == "7"
    assert literal(1 << 3999) == hex(1 << 3999)
    assert literal((1 << 3999) - 1) == str((1 << 3999) - 1)


@pytest.mark.parametrize("text", ["", "QUJD", "QUI=", "QQ==", "QU\nJD\r\n", "+/09", "QQ=\n="])
def test_base64(text: str) -> None:
    assert find_base64_problem(text) == ""


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Q", 0),
        ("QU", 0),
        ("QUJDR", 4),
        ("QUJDRUY", 4),
        ("-UJD", 0),
        ("QU-D", 2),
        ("=", 0),
        ("Q=", 1),
        ("QQ=", 3),
        ("QQ=Q", 2),
        ("QQ==Q", 4),
        ("QUI=Q", 4),
        ("QUI==", 4),
        ("QU\nJDR", 5),
        ("é", 0),
    ],
)
def test_no_base64(text: str, at: int) -> None:
    assert find_base64_problem(text) == f"illegal base64 data at input byte {at}"
