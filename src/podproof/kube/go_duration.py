"""Go's time.Duration: text such as `1h30m` goes in and seconds come out, and the other way round."""

import re

__all__ = ["format_duration", "parse_duration"]

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
