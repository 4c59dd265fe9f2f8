"""Lone halves of surrogate pairs, which JSON can write and UTF-8 cannot: plain data comes in and goes out."""

import re
from typing import Any

__all__ = ["unescape"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def unescape(value: Any) -> Any:
    """Copy plain data with every lone surrogate replaced by `�`, so that it can be written as UTF-8."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {unescape(key): unescape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unescape(item) for item in value]
    return value
