"""Makes any text safe and straight for a terminal: what others wrote comes in, printable text goes out.

A manifest or a container's output may hold escape sequences, bidirectional overrides, characters that nobody
sees, or half a surrogate pair; printed as they are, they would move the cursor or disguise the line. What
they are is said only here, for every text output. Nothing here knows what the text means.
"""

import re

from ..pattern import pattern

UNSAFE = pattern(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Controls, bidirectional marks, soft hyphens, invisible and tag characters, and surrogates.

Source: Unicode 15, general categories Cc, Cf and Cs, without what stands visibly in texts of some scripts.
"""

_COLORS = pattern(r"\x1b\[[0-9;]*m")

_ASCII_CONTROL = pattern(rb"[\x00-\x08\x0b-\x1f\x7f]")

TAB = 4
"""Columns that a tab takes in a source frame, always the same number so that marks stay below their text."""


def one_line(text: str) -> str:
    """Make text printable on one line: controls become their pictures (`␛`), the unprintable becomes `�`."""
    if text.isascii() and text.isprintable():
        return text
    return UNSAFE.sub(_picture, text.replace("\t", " "))


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\ufffd"


def source_line(line: str) -> str:
    """Make a source line printable, tabs as `TAB` blanks."""
    if line.isascii() and line.isprintable():
        return line
    return UNSAFE.sub(_picture, line.replace("\t", " " * TAB))


def escaped(text: str) -> str:
    """Write what is unsafe as escapes that YAML reads within double quotes; line feeds stay."""
    if text.isascii() and text.isprintable():
        return text
    return UNSAFE.sub(lambda match: match[0] if match[0] == "\n" else _escape(ord(match[0])), text)


def _escape(code: int) -> str:
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def program_output(data: bytes) -> bytes:
    """Make what a program printed readable without obeying it: lines and tabs stay, colors are taken away.

    What is not UTF-8 becomes `�`.
    """
    if data.isascii() and not _ASCII_CONTROL.search(data):
        return data
    text = _COLORS.sub("", data.decode("utf-8", "replace").replace("\r\n", "\n"))
    return UNSAFE.sub(lambda match: "\n" if match[0] == "\n" else _picture(match), text).encode()


def width(text: str) -> int:
    """Count the terminal columns of text that `source_line` made: wide characters 2, combining ones 0."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    others = [c for c in text if c > "\x7f"]  # few: to ask about each letter would take ten times as long
    return len(text) + sum(-1 if combining(c) else east_asian_width(c) in "WF" for c in others)
