"""Lone halves of surrogate pairs, which JSON can write and UTF-8 cannot: plain data comes in and goes out.

Go reads each of them as `�`, and so does everything here.
"""

from collections.abc import Mapping
from typing import Any

from podproof.manifest.doubled import Doubled, mapping_of_pairs
from podproof.pattern import pattern

__all__ = ["has_escapes", "to_utf8", "unescape"]

_SURROGATE = pattern("[\ud800-\udfff]")
_SCALARS = frozenset((bool, int, float, type(None)))
_ESCAPE = pattern(r"\\u[dD][89a-fA-F]")


def has_escapes(text: str) -> bool:
    """Tell whether a text of JSON writes surrogates by escapes, lone ones or pairs."""
    return _ESCAPE.search(text) is not None


def unescape(value: Any) -> Any:
    """Copy plain data with every lone surrogate replaced by `�`, so that it can be written as UTF-8.

    A key that becomes another one stands twice then. Tuples become lists, and mappings of other types dicts.
    Raises RecursionError: it is nested too deeply, or holds itself.
    """
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        pairs = value.pairs if isinstance(value, Doubled) else value.items()
        return mapping_of_pairs([(unescape(key), unescape(item)) for key, item in pairs])
    if isinstance(value, list | tuple):
        return [unescape(item) for item in value]
    if value.__class__ not in _SCALARS and isinstance(value, Mapping):
        return {unescape(key): unescape(item) for key, item in value.items()}
    return value


def to_utf8(text: str) -> bytes:
    """Encode a text, with every lone surrogate replaced by `�`."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text).encode("utf-8")
