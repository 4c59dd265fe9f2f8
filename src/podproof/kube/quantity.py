"""Resource quantities: `100m`, `1Gi`, `1e3`.

A number as a manifest writes it comes in; its exact value and the API server's canonical notation go out.
Source: kubernetes 1.37.2, apimachinery pkg/api/resource/quantity.go and suffix.go.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import msgspec

PATTERN = r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
"""The expression that the API server names when it refuses a quantity."""

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL_SUFFIX = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIX = {0: "", **{power: suffix for suffix, power in _BINARY.items()}}
_NANO = 10**9  # the finest unit a quantity holds; what is finer is rounded away from zero
_MAX = 2**63 - 1  # binary values that are larger are capped
_MAX_DIGITS = 400  # beyond this a value is of no use to anybody
_FAST_DIGITS = 18  # decimal digits that Go keeps in 64 bits without a look at the value
_FAST_BINARY_DIGITS = 15

Format = Literal["DecimalSI", "BinarySI", "DecimalExponent"]


class Quantity(msgspec.Struct, frozen=True):
    """An exact value and the notation it was written in.

    `written` is the text where Go keeps it: of a value of 64 bits that is canonical but for its sign, zeros
    and the case of an exponent. `scale` is the power of ten of such a value, None of others.
    """

    value: Fraction
    format: Format
    written: str | None = None
    scale: int | None = None

    def __str__(self) -> str:
        """Write the canonical form, e.g. `1` for `1000m` and `1Gi` for `1024Mi`, or the text that is kept."""
        if self.written is not None:
            return self.written
        if self.value == 0:
            return "0"
        if self.format == "BinarySI" and abs(self.value) >= 1024 and self.value.denominator == 1:
            number, power = self.value.numerator, 0
            while number % 1024 == 0 and power < 6:
                number //= 1024
                power += 1
            return f"{number}{_BINARY_SUFFIX[power]}"
        number, exponent = int(self.value * _NANO), -9
        while number % 1000 == 0:
            number //= 1000
            exponent += 3
        if self.format == "DecimalExponent":
            return f"{number}e{exponent}" if exponent else str(number)
        # Go has no suffix beyond E, and then writes none
        return f"{number}{_DECIMAL_SUFFIX.get(exponent, '')}"


def _round_up(value: Fraction, unit: int) -> Fraction:
    scaled = value * unit
    whole = -((-abs(scaled)).__floor__())
    return Fraction(whole if scaled >= 0 else -whole, unit)


@lru_cache(maxsize=512)
def _parse(text: str) -> Quantity | None:
    match = re.match(r"^([+-]?)([0-9]*)(\.[0-9]*)?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?[0-9]+)?$", text)
    if match is None or len(text) > _MAX_DIGITS:
        return None
    sign, suffix = match[1], match[4] or ""
    if not match[2] and len(match[3] or "") < 2:
        return None
    whole, fraction = match[2].lstrip("0") or "0", (match[3] or "")[1:]
    if suffix in _BINARY:
        return _parse_binary(text, sign, whole, fraction, 10 * _BINARY[suffix])
    exponent = _DECIMAL[suffix] if suffix in _DECIMAL else max(-99, min(99, int(suffix[1:])))
    kind: Format = "DecimalSI" if suffix in _DECIMAL else "DecimalExponent"
    digits, scale = whole + fraction, exponent - len(fraction)
    number = Fraction(int(sign + digits)) * Fraction(10) ** scale
    if len(digits) > _FAST_DIGITS or scale < -9:
        return Quantity(_round_up(number, _NANO), kind)
    canonical = scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0"
    return Quantity(number, kind, text if canonical else None, scale)


def _parse_binary(text: str, sign: str, whole: str, fraction: str, exponent: int) -> Quantity:
    number = Fraction(int(whole)) * 2**exponent
    fast = not fraction and _FAST_BINARY_DIGITS - len(whole) - exponent * 3 // 10 - 1 >= 0
    if fast and number <= _MAX:
        return Quantity(
            Fraction(int(sign + whole)) * 2**exponent, "BinarySI", text if int(whole) & 7 else None, 0
        )
    if fraction:
        number = _round_up(Fraction(f"{whole}.{fraction}") * 2**exponent, _NANO)
    number = min(number, Fraction(_MAX))
    return Quantity(-number if sign == "-" else number, "DecimalSI" if 0 < number < 1 else "BinarySI")


def parse_quantity(value: object) -> Quantity | None:
    """Read a quantity, a text or a number; None when there is none or the API server would refuse it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return _parse(str(value).strip())


def canonical(value: "str | int | float") -> str | None:
    """Write a quantity as defaulting does, rounded to thousandths; None when it is refused."""
    return canonical_text(value) if isinstance(value, str) else _canonical(value)


def _canonical(value: "str | int | float") -> str | None:
    quantity = parse_quantity(value)
    return None if quantity is None else str(round_to_milli(quantity))


# of texts alone: then the text itself is the key
canonical_text: Callable[[str], str | None] = lru_cache(maxsize=512)(_canonical)


def round_to_milli(quantity: Quantity) -> Quantity:
    """Round away from zero to a thousandth, as defaulting does. Source: SetDefaults_ResourceList."""
    if quantity.scale is not None and quantity.scale >= -3:
        return quantity
    return Quantity(_round_up(quantity.value, 1000), quantity.format)


def is_fractional(quantity: Quantity) -> bool:
    """Say whether Go takes a quantity for one that is not whole, as its thousandths in 64 bits show.

    Very large values overflow there: those that Go keeps in 64 bits come to nothing, others to some number.
    Source: Quantity.MilliValue, scaledValue.
    """
    thousandths = round_to_milli(quantity).value * 1000
    if quantity.scale is not None:
        return thousandths <= _MAX and thousandths % 1000 != 0
    return (int(thousandths) + (1 << 63)) % (1 << 64) % 1000 != (1 << 63) % 1000
