"""Go's strconv.ParseInt: text such as `+12` goes in, a number or Go's words for the fault come out."""

import re

from .go_format import quote

__all__ = ["find_int64_problem", "parse_int64"]

_MAX = 2**63 - 1
_DIGITS = 19  # of _MAX, without leading zeros


def parse_int64(text: str) -> int | None:
    """Read a decimal number of 64 bits; None when Go could not."""
    match = re.fullmatch(r"([+-]?)0*([0-9]+)", text)
    if match is None or len(match[2]) > _DIGITS:
        return None
    number = -int(match[2]) if match[1] == "-" else int(match[2])
    return number if -_MAX - 1 <= number <= _MAX else None


def find_int64_problem(text: str, function: str = "ParseInt") -> str:
    """Say why a text is no number, as the function of strconv does; "" when it is one."""
    if parse_int64(text) is not None:
        return ""
    digits = re.match(r"[+-]?0*([0-9]*)", text)
    # beyond 64 bits without a sign Go stops before it sees what follows
    huge = digits is not None and (len(digits[1]) > _DIGITS + 1 or int(digits[1] or 0) >= 1 << 64)
    too_large = huge or re.fullmatch(r"[+-]?[0-9]+", text) is not None
    fault = "value out of range" if too_large else "invalid syntax"
    return f"strconv.{function}: parsing {quote(text)}: {fault}"
