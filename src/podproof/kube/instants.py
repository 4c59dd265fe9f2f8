"""Reads times as RFC 3339 writes them: a text comes in, seconds since 1970 go out. No clock is read.

Source: Go's time package, time.RFC3339, which is stricter than the document: T and Z are capital.
"""

import re
from datetime import datetime

from ..pattern import pattern

__all__ = ["parse_rfc3339"]

_RFC3339 = pattern(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def parse_rfc3339(text: str) -> float | None:
    """Return the time in seconds since 1970; None: it is none."""
    match: re.Match[str] | None = _RFC3339.fullmatch(text)
    if match is None:
        return None
    zone = "+00:00" if match[3] == "Z" else match[3]
    try:
        return datetime.fromisoformat(match[1] + zone).timestamp() + float(match[2] or 0)
    except (ValueError, OverflowError):
        return None
