"""Values that decode themselves: quantities, int-or-string, times, raw fields.

One JSON value comes in; the value as an object holds it, or the error in Go's words, goes out.
Source: kubernetes 1.37.2 apimachinery, pkg/api/resource/quantity.go, pkg/util/intstr/intstr.go,
pkg/apis/meta/v1/time.go; Go 1.26 time/format.go.
"""

from typing import Any, NamedTuple

from .go_format import json_text


class UndecodableValue(NamedTuple):
    """An error: `message`, or `word` and `type` when it is one of type, which Go then completes."""

    message: str = ""
    word: str = ""
    type: str = ""


def decode_special(name: str, value: Any) -> Any:
    """Decode a value of the special type `name`; gives an UndecodableValue or what an object holds."""
    if name == "resource.Quantity":
        return _quantity(value)
    if name == "intstr.IntOrString":
        return _int_or_string(value)
    if name == "v1.Time":
        return _time(value)
    return value


def json_word(value: Any) -> str:
    """Name a JSON value's type as Go's decoder does."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list | tuple) else "object"


def literal(value: Any) -> str:
    """Write a number as its literal: the one in the text, or what Go prints for it."""
    written: str | None = getattr(value, "literal", None)
    if written is not None:
        return written
    return go_float(value) if isinstance(value, float) else _integer_text(value)


def _integer_text(value: int) -> str:
    return str(value) if value.bit_length() < 4000 else hex(value)


def go_float(value: float) -> str:
    """Print a float as Go's encoding/json does. Source: encoding/json encode.go, floatEncoder."""
    from decimal import Decimal

    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        text = format(Decimal(repr(value)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = repr(value).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"


def _int_or_string(value: Any) -> Any:
    if isinstance(value, str):
        return value
    number = whole(value, 31)
    if number is not None:
        return number
    word = json_word(value)
    return UndecodableValue(word=f"number {literal(value)}" if word == "number" else word, type="int32")


def whole(value: Any, bits: int) -> int | None:
    """Read an integer of so many bits and a sign as Go does; None when the number is none."""
    if value.__class__ is int:
        return value if -(1 << bits) <= value < 1 << bits else None
    if isinstance(value, float):
        text = literal(value)
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) < 30:
            return whole(int(text), bits)
    return None


_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_SUFFIX = "unable to parse quantity's suffix"


def _quantity(value: Any) -> Any:
    """Keep a quantity as it is written, a number as its digits; a value of another type is refused."""
    if isinstance(value, str):
        # Go takes the text between the quotes as it stands in the JSON, escapes and all
        raw = json_text(value)[1:-1] if not value.isalnum() else value
    elif isinstance(value, bool):
        raw = "true" if value else "false"
    elif isinstance(value, int | float):
        raw = literal(value)
    else:
        raw = "[" if isinstance(value, list) else "{"
    text = raw.strip()
    message = find_quantity_problem(text)
    if message:
        return UndecodableValue(message)
    return text if any(char.isdigit() for char in text) else "0"  # Go takes `.` and `-`


_SUFFIXES = frozenset(("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n", "u", "m", "k", "M", "G", "T", "P", "E"))


def find_quantity_problem(text: str) -> str:
    """Say what is wrong with a quantity, in the API server's words; empty when nothing is."""
    import re

    if not text:
        return _FORMAT
    match = re.match(r"([+-]?)0*([0-9]*)(\.[0-9]*)?([eEinumkKMGTP]*)([-+]?[0-9]*)", text)
    if match is None or match.end() != len(text):
        return _FORMAT
    if not match[0].lstrip("+-0"):
        return ""  # Go reads signs and zeros alone, even a bare sign, as 0
    suffix, exponent = match[4], match[5]
    if suffix + exponent in _SUFFIXES:
        bad = False
    elif suffix[:1] in ("e", "E") and len(suffix + exponent) > 1:
        digits = (suffix + exponent)[1:]
        bad = not re.fullmatch(r"[+-]?[0-9]+", digits) or abs(int(digits[:12])) >= 1 << 31
    else:
        bad = True
    return _SUFFIX if bad else ""


_LAYOUT = "2006-01-02T15:04:05Z07:00"
_PARTS = (
    ("", "2006", 4, "", 0, 9999),
    ("-", "01", 2, "month", 1, 12),
    ("-", "02", 2, "", 0, 99),
    ("T", "15", 2, "hour", 0, 23),
    (":", "04", 2, "minute", 0, 59),
    (":", "05", 2, "second", 0, 59),
)


def _time(value: Any) -> Any:
    """Keep a time in UTC by the second, as Go prints it; it must be written by RFC 3339."""
    if not isinstance(value, str):
        return UndecodableValue(word=json_word(value), type="string")
    numbers: list[int] = []
    rest = value
    for before, element, width, name, low, high in _PARTS:
        if not rest.startswith(before):
            return _unparsed(value, rest, before)
        rest = rest.removeprefix(before)
        digits = rest[:width]
        if element == "15" and not digits[1:].isdigit():
            digits, width = digits[:1], 1  # Go takes an hour of one digit
        if len(digits) < width or not (digits.isascii() and digits.isdigit()):
            return _unparsed(value, rest, element)
        rest = rest[width:]
        numbers.append(int(digits))
        if name and not low <= numbers[-1] <= high:
            return UndecodableValue(f"parsing time {_quoted(value)}: {name} out of range")
    if rest[:1] in (".", ",") and rest[1:2].isdigit():
        rest = rest[1:].lstrip("0123456789")
    return _with_zone(value, rest, numbers)


def _with_zone(value: str, rest: str, numbers: list[int]) -> Any:
    from datetime import datetime, timedelta

    offset = timedelta()
    if rest.startswith("Z"):
        rest = rest[1:]
    else:
        zone = rest[:6]
        digits = zone[1:3] + zone[4:6]
        signed = zone[:1] in ("+", "-") and zone[3:4] == ":"
        if not (signed and len(digits) == 4 and digits.isascii() and digits.isdigit()):
            return _unparsed(value, rest, "Z07:00")
        rest = rest[6:]
        hours, minutes = int(digits[:2]), int(digits[2:])
        if hours > 24 or minutes > 60:
            name = "time zone offset hour" if hours > 24 else "time zone offset minute"
            return UndecodableValue(f"parsing time {_quoted(value)}: {name} out of range")
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    if rest:
        return UndecodableValue(f"parsing time {_quoted(value)}: extra text: {_quoted(rest)}")
    try:
        moment = datetime(*numbers) - offset  # type: ignore[arg-type] # six integers
    except (ValueError, OverflowError):
        if numbers[0] == 0:
            return value  # Go has a year 0, Python has not
        return UndecodableValue(f"parsing time {_quoted(value)}: day out of range")
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%SZ}"


def _unparsed(value: str, rest: str, element: str) -> UndecodableValue:
    wanted = f"cannot parse {_quoted(rest)} as {_quoted(element)}"
    return UndecodableValue(f"parsing time {_quoted(value)} as {_quoted(_LAYOUT)}: {wanted}")


_QUOTED = {
    byte: "\\" + chr(byte) if chr(byte) in '"\\' else f"\\x{byte:02x}"
    for byte in range(256)
    if chr(byte) in '"\\' or not 0x20 <= byte < 0x80
}


def _quoted(text: str) -> str:
    """Quote as package time does: bytes below the blank and beyond ASCII stand as \\x."""
    return f'"{text.encode("utf-8", "surrogatepass").decode("latin-1").translate(_QUOTED)}"'
