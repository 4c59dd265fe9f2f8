"""Scalars as Kubernetes resolves them: go-yaml v2's rules, not YAML 1.2's and not PyYAML's.

In: a scalar's text and tag. Out: a plain Python value, or the Go error's words. Never sees events or places.
Source: go.yaml.in/yaml/v2 resolve.go; sigs.k8s.io/yaml yaml.go (keys become strings).
"""

from podproof.pattern import pattern

TAG = "tag:yaml.org,2002:"
NULL_TAG, STR_TAG, MERGE_TAG = TAG + "null", TAG + "str", TAG + "merge"
BOOL_TAG, INT_TAG, FLOAT_TAG = TAG + "bool", TAG + "int", TAG + "float"
BINARY_TAG, TIMESTAMP_TAG = TAG + "binary", TAG + "timestamp"

MERGE_KEY = "<<"
"""The key whose value is a mapping, or a list of mappings, to take fields from."""

INF = float("inf")

WORDS: dict[str, object] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), INF),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -INF),
}
"""Plain scalars with a meaning of their own."""

MAY_BE_SPECIAL = frozenset("+-0123456789yYnNtTfFoO~.")
"""First characters of plain scalars that may be something else than text; any other is text at once."""

_FLOAT = pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# strconv.ParseFloat takes single underscores between digits
_DOT_FLOAT = pattern(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_TIMESTAMP = pattern(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(Z|[-+]\d\d:\d\d)?)?"
)

_INT64 = 1 << 63
_UINT64 = 1 << 64
_INT_LENGTH = 70
"""Longest text (sign, 0b, 64 digits) that can be a 64-bit integer without leading zeros."""


class ScalarError(Exception):
    """Says in go-yaml's words that a tag does not fit its scalar."""


def resolve(text: str, tag: str | None, *, plain: bool) -> object:
    """Resolve a scalar; `plain` tells that it has neither quotes nor a tag.

    Raises ScalarError: the tag and the text contradict each other.
    """
    if tag is not None:
        return resolve_tagged(text, tag)
    return resolve_plain(text) if plain else text


def resolve_plain(text: str) -> object:
    """Resolve a scalar that has neither quotes nor a tag: None, a boolean, a number, or the text itself.

    Integers are those of 64 bits, with or without a sign; anything longer is a float, or stays text.
    """
    try:
        return WORDS[text]
    except KeyError:
        pass
    first = text[0]
    if first == ".":
        if _DOT_FLOAT.fullmatch(text):
            number = _finite(text.replace("_", ""))
            return text if isinstance(number, str) else number
        return text
    if first in "+-0123456789":
        return _number(text)
    return text


def resolve_tagged(text: str, tag: str) -> object:
    """Resolve a scalar that has a tag, which is written in full; a tag of somebody's own leaves it text.

    Raises ScalarError: the tag and the text contradict each other, or `!!binary` is not base64.
    """
    if tag == STR_TAG:
        return text
    if tag == BINARY_TAG:
        return _binary(text)
    if tag not in _RESOLVABLE:
        return text  # a tag of its own: the text stays as it is
    value: object
    if tag == TIMESTAMP_TAG and is_timestamp(text):
        return text
    value = resolve_plain(text) if text == "" or text[0] in MAY_BE_SPECIAL else text
    resolved_tag = _tag_of(value)
    if resolved_tag == tag:
        return value
    if tag == FLOAT_TAG and resolved_tag == INT_TAG and isinstance(value, int) and -_INT64 <= value < _INT64:
        return float(value)
    raise ScalarError(f"cannot decode {short(resolved_tag)} `{text}` as a {short(tag)}")


def short(tag: str) -> str:
    """Write a tag as go-yaml prints it: `!!int`."""
    return "!!" + tag[len(TAG) :] if tag.startswith(TAG) else tag


_RESOLVABLE = frozenset((STR_TAG, BOOL_TAG, INT_TAG, FLOAT_TAG, NULL_TAG, TIMESTAMP_TAG))


def _tag_of(value: object) -> str:
    if value is None:
        return NULL_TAG
    if isinstance(value, bool):
        return BOOL_TAG
    if isinstance(value, int):
        return INT_TAG
    if isinstance(value, float):
        return FLOAT_TAG
    return STR_TAG


def is_timestamp(text: str) -> bool:
    """Tell whether go-yaml takes the text for a date or a time; as a value it stays text all the same."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None or not text.isascii():
        return False
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if not 1 <= month <= 12:
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]:
        return False
    if match[4] is None:
        return True
    if (match[4] == " ") != (match[8] is None):  # a zone goes with T, none with a blank
        return False
    hour, minute, second = int(match[5]), int(match[6]), int(match[7])
    return hour < 24 and minute < 60 and second < 60


def _binary(text: str) -> str:
    import base64
    import binascii

    try:
        raw = base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        raise ScalarError("!!binary value contains invalid base64 data") from None
    return raw.decode("utf-8", "replace")


def _number(text: str) -> object:
    digits = text.replace("_", "") if "_" in text else text
    if digits.isdigit() and digits.isascii() and len(digits) < 19 and (digits[0] != "0" or digits == "0"):
        return int(digits)
    value = _go_int(digits)
    if value is not None:
        return value
    if _FLOAT.fullmatch(digits):
        number = _finite(digits)
        if not isinstance(number, str):
            return number
        return text
    if digits.startswith("0b"):
        # go-yaml's fallback takes a sign after the prefix
        value = _digits(digits[2:], 2, signed=True)
        if value is not None:
            return value
    return text


def _finite(text: str) -> object:
    """Give the float, or the text itself where Go reports an overflow."""
    value = float(text)
    return text if value in (INF, -INF) else value


def _go_int(text: str) -> int | None:
    """Read an integer as strconv.ParseInt(text, 0, 64), then strconv.ParseUint, do."""
    sign = text[0] if text[0] in "+-" else ""
    body = text[1:] if sign else text
    base = 10
    if body[:1] == "0":
        prefix = body[1:2].lower()
        if len(body) >= 3 and prefix in ("b", "o", "x"):
            base = {"b": 2, "o": 8, "x": 16}[prefix]
            body = body[2:]
        elif len(body) > 1:
            base = 8
            body = body[1:]
    value = _digits(body, base, signed=False)
    if value is None:
        return None
    if sign == "-":
        return -value if value <= _INT64 else None
    return value if value < (_INT64 if sign else _UINT64) else None


_ALPHABET = {2: "01", 8: "01234567", 10: "0123456789", 16: "0123456789abcdefABCDEF"}


def _digits(text: str, base: int, *, signed: bool) -> int | None:
    negative = False
    if signed and text[:1] in ("+", "-"):
        negative = text[0] == "-"
        text = text[1:]
        limit = _INT64
    else:
        limit = _UINT64
    if not text or text.strip(_ALPHABET[base]):
        return None
    text = text.lstrip("0") or "0"
    if len(text) > _INT_LENGTH:
        return None
    value = int(text, base)
    if negative:
        return -value if value <= limit else None
    return value if value < limit else None


def key_text(value: object) -> str | None:
    """Turn a resolved key into the string it becomes in JSON; None when it cannot be a key (null).

    An unsigned integer above 63 bits cannot be a key for sigs.k8s.io/yaml either.
    """
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value) if value < _INT64 else None
    if isinstance(value, float):
        return float_key(value)
    return None


def float_key(value: float) -> str:
    """Print a float as Go's FormatFloat(value, 'g', -1, 32) does: the nearest float32's shortest text."""
    import struct

    if value != value:
        return ".nan"
    try:
        single = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        single = INF if value > 0 else -INF
    if single in (INF, -INF):
        return ".inf" if single > 0 else "-.inf"
    for precision in range(9):
        shortest = f"{single:.{precision}e}"
        if struct.pack("f", float(shortest)) == struct.pack("f", single):
            break
    mantissa, _, exponent = shortest.partition("e")
    power = int(exponent)
    negative = mantissa.startswith("-")
    digits = mantissa.lstrip("-").replace(".", "").rstrip("0") or "0"
    if digits == "0":
        return "-0" if negative else "0"
    # strconv decides by precision 6 when the shortest form is asked for
    if power < -4 or power >= 6:
        out = digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + f"e{power:+03d}"
    elif power < 0:
        out = "0." + "0" * (-power - 1) + digits
    elif len(digits) <= power + 1:
        out = digits + "0" * (power + 1 - len(digits))
    else:
        out = digits[: power + 1] + "." + digits[power + 1 :]
    return "-" + out if negative else out
