"""What can be proved of JSON at the speed of C: that no key stands twice in it, and how deeply it nests.

Bytes come in, and for a proof also what was read from them, written again. A proof that fails proves nothing:
then the exact readers look at the text.
"""

import re
from typing import Any

import msgspec

__all__ = [
    "keeps_all_colons",
    "lost_colons",
    "nests_deeper",
    "value_without_repeats",
    "with_plain_colons",
]

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_encode = msgspec.json.Encoder().encode
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"{}[]")
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


def keeps_all_colons(data: bytes, written: bytes | bytearray) -> bool:
    """Tell whether what was read from JSON and written again still has each of its keys.

    Each key has a colon outside of strings, and those in strings are the same in both if none is written as
    an escape. Nothing that is written may have a colon that was not read.
    """
    return not _escapes_colons(data) and written.count(b":") == data.count(b":")


def value_without_repeats(data: bytes) -> Any:
    """Read JSON as plain data; None: it is null, or a key may stand twice.

    Raises msgspec.DecodeError, UnicodeDecodeError or RecursionError: it cannot be read.
    """
    data = with_plain_colons(data)
    value = msgspec.json.decode(data)
    return None if lost_colons(data, value) else value


def with_plain_colons(data: bytes) -> bytes:
    """Write the colons of JSON that are written as escapes as themselves."""
    if _escapes_colons(data):  # one that a backslash stands before is none, and becomes no JSON
        return data.replace(b"\\u003a", b":").replace(b"\\u003A", b":")
    return data


def lost_colons(data: bytes, value: Any) -> int:
    """Count the colons that JSON has and `value`, which msgspec read of it, has not; they must be plain ones.

    A key that stands twice loses one at least, and nothing else does.
    """
    written = _encode(value)
    return 0 if written == data else data.count(b":") - written.count(b":")


def nests_deeper(data: bytes, limit: int) -> bool:
    """Tell whether valid JSON nests more than `limit` collections in each other."""
    if data.count(b"{") + data.count(b"[") <= limit:
        return False
    brackets = _STRING.sub(b"", data).translate(_ONE_KIND, _NO_BRACKETS)
    for _ in range(limit):  # the innermost ones vanish, and with them a level
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return False
    return True


def _escapes_colons(data: bytes) -> bool:
    return b"\\" in data and (b"\\u003a" in data or b"\\u003A" in data)
