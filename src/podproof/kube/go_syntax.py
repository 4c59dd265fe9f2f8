"""Go's words for text that is not JSON: bytes come in, what Go's scanner says goes out.

The place is found by the native reader, where it is installed; `go_json` finds it elsewhere.
Source: Go 1.26 encoding/json scanner.go.
"""

from ..manifest.native_json import syntax_fault
from .go_format import quote

__all__ = ["LITERAL", "TOO_DEEP", "UNEXPECTED_END", "find_syntax_problem", "name_byte", "stop_at"]

UNEXPECTED_END = "unexpected end of JSON input"
TOO_DEEP = "exceeded max depth"
LITERAL = "in literal {word} (expecting {letter})"
_WORDS = (
    UNEXPECTED_END,
    "looking for beginning of value",
    "looking for beginning of object key string",
    "after object key",
    "after object key:value pair",
    "after array element",
    "after top-level value",
    "in string literal",
    "in string escape code",
    "in \\u hexadecimal character escape",
    "in numeric literal",
    "after decimal point in numeric literal",
    "in exponent of numeric literal",
    "true",
    "false",
    "null",
    TOO_DEEP,
)
"""What Go says where a text stops, in the native reader's order; of a word that breaks off, the word."""


def name_byte(byte: int) -> str:
    """Name a byte as Go's scanner does."""
    if byte == 0x27:
        return r"'\''"
    if byte == 0x22:
        return "'\"'"
    return f"'{quote(chr(byte))[1:-1]}'"


def stop_at(byte: int, where: str) -> str:
    """Say that Go's scanner does not take a byte."""
    return f"invalid character {name_byte(byte)} {where}"


def find_syntax_problem(data: bytes) -> str | None:
    """Say why a text is not JSON; None: it is, or there is no native reader."""
    fault = syntax_fault(data)
    if fault is None:
        return None
    place, wanted, letter = fault
    where = _WORDS[wanted]
    if where == UNEXPECTED_END:
        return where
    if where in ("true", "false", "null"):
        where = LITERAL.format(word=where, letter=name_byte(letter))
    # inside a literal, a number or an escape Go asks at the end whether a blank could follow
    return stop_at(data[place] if place < len(data) else 0x20, where)
