"""Base64 as Go's standard encoding reads it: text comes in, Go's words for what is wrong go out.

Source: Go 1.26 encoding/base64, StdEncoding.Decode and CorruptInputError.
"""

from ..pattern import pattern

_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_WHOLE = pattern("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def find_base64_problem(text: str) -> str:
    """Say at which byte the text stops being base64; empty when it is base64. Line breaks do not count."""
    if _WHOLE.fullmatch(text.replace("\r", "").replace("\n", "")):
        return ""  # nearly every text; to look at each byte takes half a second for a secret of 1 MiB
    characters = [(at, byte) for at, byte in enumerate(text.encode()) if byte not in b"\r\n"]
    for index, (at, byte) in enumerate(characters):
        if chr(byte) in _ALPHABET:
            continue
        rest = characters[index:]
        place = index % 4
        if byte != 0x3D or place < 2:
            return _corrupt(at)
        if place == 2:
            if len(rest) < 2:
                return _corrupt(len(text.encode()))
            if rest[1][1] != 0x3D:
                return _corrupt(rest[1][0] - 1)
            rest = rest[1:]
        return _corrupt(rest[1][0]) if len(rest) > 1 else ""
    over = len(characters) % 4
    return _corrupt(len(text.encode()) - over) if over else ""  # Go counts back over line breaks too


def _corrupt(at: int) -> str:
    return f"illegal base64 data at input byte {at}"
