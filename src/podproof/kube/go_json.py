"""JSON as Go's encoding/json reads it: bytes come in, a plain value or Go's words for the error go out.

Numbers keep their literal where Python's value would not print the same, and objects that have a key twice
keep all their pairs, because the API server tells of both. Nothing here knows the API.
Source: Go 1.26 encoding/json scanner.go and decode.go.
"""

import json
import re
from typing import Any, NoReturn

from ..manifest.doubled import mapping_of_pairs
from ..manifest.limits import MAX_DEPTH
from ..manifest.native_json import syntax_fault
from .go_format import quote


class SyntaxProblem(Exception):
    """Carries what Go says about text that is not JSON."""


class Number(float):
    """A number that is not a plain integer, with its `literal`."""

    literal: str

    def __new__(cls, literal: str) -> "Number":
        """Make a number from its literal."""
        number = super().__new__(cls, literal)
        number.literal = literal
        return number


def parse(data: bytes) -> Any:
    """Read one JSON value; raises SyntaxProblem with Go's words when there is none, or more than one."""
    try:
        return _DECODER.decode(mend(data).decode("utf-8"))
    except (ValueError, RecursionError):
        problem = find_syntax_problem(data)
        if problem is not None:
            raise SyntaxProblem(problem) from None
        # Go's reader says why; and it takes what Python's does not: deep nesting, huge integers
        return _Reader(data).read()


def mend(data: bytes) -> bytes:
    """Put U+FFFD into JSON where Go reads it: for a byte that is not UTF-8, and for half a surrogate pair.

    The same bytes when there is nothing to mend.
    """
    data = _mend_bytes(data)
    if b"\\" in data and (b"\\ud" in data or b"\\uD" in data):
        return re.sub(_SURROGATES, _mend_escape, data)
    return data


def _mend_bytes(data: bytes) -> bytes:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # each odd byte becomes a surrogate of its own, which in turn is written in three bytes
        escaped = data.decode("utf-8", "surrogateescape").encode("utf-8", "surrogatepass")
        return re.sub(rb"\xed[\xb2\xb3][\x80-\xbf]", b"\xef\xbf\xbd", escaped)
    return data


_SURROGATES = (
    rb"\\(?:\\(?:\\\\)*"  # backslashes that stand for themselves
    rb"|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # both halves
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2}))"
)


def _mend_escape(escape: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if escape[1] else escape[0]


def _integer(literal: str) -> Any:
    return int(literal) if len(literal) < 1000 and literal != "-0" else Number(literal)


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity are Python's, not JSON's


_DECODER = json.JSONDecoder(
    object_pairs_hook=mapping_of_pairs, parse_float=Number, parse_int=_integer, parse_constant=_refused
)


_UNEXPECTED_END = "unexpected end of JSON input"
_TOO_DEEP = "exceeded max depth"
_LITERAL = "in literal {word} (expecting {letter})"
_WORDS = (
    _UNEXPECTED_END,
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
    _TOO_DEEP,
)
"""What Go says where a text stops, in the native reader's order; of a word that breaks off, the word."""


def _name(byte: int) -> str:
    """Name a byte as Go's scanner does."""
    if byte == 0x27:
        return r"'\''"
    if byte == 0x22:
        return "'\"'"
    return f"'{quote(chr(byte))[1:-1]}'"


def _stop_at(byte: int, where: str) -> str:
    """Say that Go's scanner does not take a byte."""
    return f"invalid character {_name(byte)} {where}"


def find_syntax_problem(data: bytes) -> str | None:
    """Say why a text is not JSON; None: it is, or there is no native reader."""
    fault = syntax_fault(data)
    if fault is None:
        return None
    place, wanted, letter = fault
    where = _WORDS[wanted]
    if where == _UNEXPECTED_END:
        return where
    if where in ("true", "false", "null"):
        where = _LITERAL.format(word=where, letter=_name(letter))
    # inside a literal, a number or an escape Go asks at the end whether a blank could follow
    return _stop_at(data[place] if place < len(data) else 0x20, where)


_BLANK = b" \t\r\n"
_ESCAPES = {0x62: "\b", 0x66: "\f", 0x6E: "\n", 0x72: "\r", 0x74: "\t", 0x5C: "\\", 0x2F: "/", 0x22: '"'}
_LITERALS: dict[int, tuple[bytes, Any]] = {
    0x74: (b"true", True),
    0x66: (b"false", False),
    0x6E: (b"null", None),
}
_DIGITS = b"0123456789"


class _Reader:
    """Reads without recursion, byte for byte, and stops where Go's scanner does."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def read(self) -> Any:
        """Read the value; raises SyntaxProblem."""
        stack: list[tuple[Any, str | None]] = []  # open lists and pair lists, with the key that waits
        while True:
            byte = self._next("looking for beginning of value")
            opened = byte in b"[{"
            if opened:
                self.at += 1
                if len(stack) >= MAX_DEPTH:
                    raise SyntaxProblem(_stop_at(byte, _TOO_DEEP))
                value: Any = [] if byte == 0x5B else _Pairs()
                if self._peek() == (0x5D if byte == 0x5B else 0x7D):
                    self.at += 1
                    value = value if byte == 0x5B else {}
                else:
                    stack.append((value, self._key() if byte == 0x7B else None))
                    continue
            else:
                value = self._scalar(byte)
            while stack:
                held, key = stack.pop()
                if key is None:
                    held.append(value)
                    byte = self._next("after array element", b",]")
                else:
                    held.append((key, value))
                    byte = self._next("after object key:value pair", b",}")
                self.at += 1
                if byte == 0x2C:
                    stack.append((held, None if key is None else self._key()))
                    break
                value = held if key is None else mapping_of_pairs(held)
            else:
                if self._peek() is not None:
                    self._stop("after top-level value")
                return value

    def _peek(self) -> int | None:
        data, at = self.data, self.at
        while at < len(data) and data[at] in _BLANK:
            at += 1
        self.at = at
        return data[at] if at < len(data) else None

    def _next(self, where: str, wanted: bytes = b"") -> int:
        byte = self._peek()
        if byte is None:
            raise SyntaxProblem(_UNEXPECTED_END)
        if wanted and byte not in wanted:
            self._stop(where)
        return byte

    def _stop(self, where: str) -> NoReturn:
        # inside a literal, a number or an escape Go asks at the end whether a blank could follow
        byte = self.data[self.at] if self.at < len(self.data) else 0x20
        raise SyntaxProblem(_stop_at(byte, where))

    def _key(self) -> str:
        byte = self._next("")
        if byte != 0x22:
            self._stop("looking for beginning of object key string")
        key = self._string()
        self._next("after object key", b":")
        self.at += 1
        return key

    def _scalar(self, byte: int) -> Any:
        if byte == 0x22:
            return self._string()
        if byte in _LITERALS:
            word, value = _LITERALS[byte]
            for expected in word:
                if self.at >= len(self.data) or self.data[self.at] != expected:
                    self._stop(_LITERAL.format(word=word.decode(), letter=_name(expected)))
                self.at += 1
            return value
        if byte in _DIGITS or byte == 0x2D:
            return self._number()
        return self._stop("looking for beginning of value")

    def _number(self) -> Any:
        start = self.at
        whole = True
        if self.data[self.at] == 0x2D:
            self.at += 1
        if self._byte() == 0x30:
            self.at += 1
        else:
            self._digits("in numeric literal")
        if self._byte() == 0x2E:
            whole = False
            self.at += 1
            self._digits("after decimal point in numeric literal")
        if self._byte() in (0x65, 0x45):
            whole = False
            self.at += 1
            if self._byte() in (0x2B, 0x2D):
                self.at += 1
            self._digits("in exponent of numeric literal")
        literal = self.data[start : self.at].decode()
        return _integer(literal) if whole else Number(literal)

    def _byte(self) -> int | None:
        return self.data[self.at] if self.at < len(self.data) else None

    def _digits(self, where: str) -> None:
        start = self.at
        while self.at < len(self.data) and self.data[self.at] in _DIGITS:
            self.at += 1
        if self.at == start:
            self._stop(where)

    def _string(self) -> str:
        data, out = self.data, bytearray()
        self.at += 1
        while True:
            if self.at >= len(data):
                raise SyntaxProblem(_UNEXPECTED_END)
            byte = data[self.at]
            if byte == 0x22:
                self.at += 1
                return _mend_bytes(bytes(out)).decode("utf-8")
            if byte < 0x20:
                self._stop("in string literal")
            self.at += 1
            if byte == 0x5C:
                self._escape(out)
            else:
                out.append(byte)

    def _escape(self, out: bytearray) -> None:
        byte = self._byte()
        if byte in _ESCAPES:
            out += _ESCAPES[byte].encode()
            self.at += 1
            return
        if byte != 0x75:
            self._stop("in string escape code")
        code = self._hex()
        if 0xD800 <= code < 0xDC00 and self.data[self.at : self.at + 2] == b"\\u":
            before = self.at
            self.at += 1
            low = self._hex()
            if 0xDC00 <= low < 0xE000:
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
            else:
                self.at = before
        out += ("\ufffd" if 0xD800 <= code < 0xE000 else chr(code)).encode()

    def _hex(self) -> int:
        """Read `uXXXX`."""
        self.at += 1
        for _ in range(4):
            if (self._byte() or 0) not in b"0123456789abcdefABCDEF":
                self._stop("in \\u hexadecimal character escape")
            self.at += 1
        return int(self.data[self.at - 4 : self.at], 16)


class _Pairs(list[tuple[str, Any]]):
    """The pairs of an object that is not closed yet."""
