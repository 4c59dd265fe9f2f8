"""Writes plain data as JSON on one line; halves of surrogate pairs, which UTF-8 has not, become `�`."""

from typing import Any

import msgspec

from ..manifest.surrogates import unescape

__all__ = ["json_line"]


def json_line(value: Any) -> str:
    """Write dicts, lists, texts, numbers, booleans and None."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        return msgspec.json.encode(unescape(value)).decode()
