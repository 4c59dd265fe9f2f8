"""Go's time.Duration: text such as `1h30m` goes in and seconds come out, and the other way round."""

import re

__all__ = ["find_duration_problem", "format_duration", "parse_duration"]

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)")


def parse_duration(text: str) -> float | None:
    """Read a duration into seconds; None when Go could not read it. A bare `0` is allowed, `5` is not."""
    if text == "0":
        return 0.0
    at, total = 0, 0.0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            return None
        total += float(match.group(1)) * _UNITS[match.group(2)]
        at = match.end()
    return total if text else None


_NANOSECONDS = {unit: round(seconds * 1e9) for unit, seconds in _UNITS.items()} | {"μs": 1000}
_NUMBER = re.compile(r"([0-9]*)(\.?)([0-9]*)")
_UNIT = re.compile(r"[^.0-9]*")


def find_duration_problem(text: str) -> str:
    """Say why Go cannot read a duration, which may have a sign; "" when it can.

    Source: Go 1.26 time/format.go, ParseDuration.
    """
    rest = text[1:] if text[:1] in ("-", "+") else text
    invalid = f"time: invalid duration {_quote(text)}"
    if rest == "0":
        return ""
    at, total = 0, 0
    while at < len(rest):
        number = _NUMBER.match(rest, at)
        assert number is not None  # it may be empty
        whole, _, fraction = number.groups()
        if (not whole and not fraction) or len(whole.lstrip("0")) > 19:
            return invalid
        suffix = _UNIT.match(rest, number.end())
        unit = suffix.group() if suffix else ""
        if int(whole or "0") > _TOO_LONG:
            return invalid
        if not unit:
            return f"time: missing unit in duration {_quote(text)}"
        if unit not in _NANOSECONDS:
            return f"time: unknown unit {_quote(unit)} in duration {_quote(text)}"
        total += int(whole or "0") * _NANOSECONDS[unit] + int(
            float(f"0.{fraction or 0}") * _NANOSECONDS[unit]
        )
        if total > _TOO_LONG:
            return invalid
        at = number.end() + len(unit)
    return invalid if not rest or (total == _TOO_LONG and not text.startswith("-")) else ""


_TOO_LONG = 1 << 63
"""So many nanoseconds are one more than a Duration holds, unless they are negative."""


def _quote(text: str) -> str:
    """Quote a text as the package `time` does, which writes the bytes of what is not printable ASCII."""
    out = ""
    for char in text:
        if " " <= char < "\x80":
            out += f"\\{char}" if char in '"\\' else char
        else:
            out += "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "replace"))
    return f'"{out}"'


def format_duration(seconds: float) -> str:
    """Write seconds as Go prints a Duration: `10s`, `1m20s`, `5m0s`, `1.5s`, `200ms`."""
    if seconds == 0:
        return "0s"
    if seconds < 1:
        milliseconds = seconds * 1000
        return f"{_trimmed(milliseconds)}ms" if milliseconds >= 1 else f"{_trimmed(seconds * 1e6)}µs"
    whole, rest = divmod(seconds, 60)
    minutes = int(whole)
    text = f"{_trimmed(rest)}s"
    if minutes == 0:
        return text
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{text}" if hours else f"{minutes}m{text}"


def _trimmed(number: float) -> str:
    return f"{number:.9f}".rstrip("0").rstrip(".")
