"""Resource quantities: `100m`, `1Gi`, `1e3`.

A number as a manifest writes it comes in; its exact value and the API server's canonical notation go out.
Source: kubernetes 1.37.2, apimachinery pkg/api/resource/quantity.go and suffix.go.
"""

import re
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
_MAX = Fraction(2**63 - 1)  # larger values are capped
_MAX_DIGITS = 400  # beyond this every value is capped or rounded to the finest unit anyway


class Quantity(msgspec.Struct, frozen=True):
    """An exact value and the notation it was written in."""

    value: Fraction
    format: Literal["DecimalSI", "BinarySI", "DecimalExponent"]

    def __str__(self) -> str:
        """Write the canonical form, e.g. `1` for `1000m` and `1Gi` for `1024Mi`."""
        if self.value == 0:
            return "0"
        if self.format == "BinarySI" and abs(self.value) >= 1024 and self.value.denominator == 1:
            number, power = self.value.numerator, 0
            while number % 1024 == 0 and power < 6:
                number //= 1024
                power += 1
            return f"{number}{_BINARY_SUFFIX[power]}"
        number, exponent = int(self.value * _NANO), -9
        while number % 1000 == 0 and exponent < 18:
            number //= 1000
            exponent += 3
        if self.format == "DecimalExponent":
            return f"{number}e{exponent}" if exponent else str(number)
        return f"{number}{_DECIMAL_SUFFIX[exponent]}"


def _round_up(value: Fraction, unit: int) -> Fraction:
    scaled = value * unit
    whole = -((-abs(scaled)).__floor__())
    return Fraction(whole if scaled >= 0 else -whole, unit)


@lru_cache(maxsize=512)
def _parse(text: str) -> Quantity | None:
    match = re.match(r"^([+-]?)([0-9]*)(\.[0-9]*)?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?[0-9]+)?$", text)
    if match is None or len(text) > _MAX_DIGITS:
        return None
    sign, whole, fraction, suffix = match[1], match[2], match[3] or "", match[4] or ""
    if not whole and len(fraction) < 2:
        return None
    number = Fraction(int(whole or "0")) + (Fraction(f"0{fraction}") if len(fraction) > 1 else 0)
    kind: Literal["DecimalSI", "BinarySI", "DecimalExponent"]
    if suffix in _BINARY:
        number, kind = number * 1024 ** _BINARY[suffix], "BinarySI"
    elif suffix in _DECIMAL:
        number, kind = number * Fraction(10) ** _DECIMAL[suffix], "DecimalSI"
    else:
        number, kind = number * Fraction(10) ** max(-99, min(99, int(suffix[1:]))), "DecimalExponent"
    number = min(_round_up(number, _NANO), _MAX)
    return Quantity(-number if sign == "-" else number, kind)


def parse_quantity(value: "str | int | float") -> Quantity | None:
    """Read a quantity; None when the API server would refuse it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return _parse(str(value).strip())


def canonical(value: "str | int | float") -> str | None:
    """Write a quantity as defaulting does, rounded to thousandths; None when it is refused."""
    return _canonical(str(value).strip() if not isinstance(value, float) else value)


@lru_cache(maxsize=512)
def _canonical(value: "str | float") -> str | None:
    quantity = parse_quantity(value)
    return None if quantity is None else str(round_to_milli(quantity))


def round_to_milli(quantity: Quantity) -> Quantity:
    """Round away from zero to a thousandth, as defaulting does. Source: SetDefaults_ResourceList."""
    return Quantity(_round_up(quantity.value, 1000), quantity.format)
