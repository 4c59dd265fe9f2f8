"""Makes any text safe and straight for a terminal: text of a manifest comes in, printable text goes out.

A manifest may hold escape sequences, bidirectional overrides or half a surrogate pair; printed as they are,
they would move the cursor or disguise the line. Nothing here knows what the text means.
"""

import re

_UNSAFE = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

TAB = 4
"""Columns that a tab takes in a source frame, always the same number so that marks stay below their text."""


def one_line(text: str) -> str:
    """Make text printable on one line: controls become their pictures (`␛`), the unprintable becomes `�`."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_picture, text.replace("\t", " "))


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\ufffd"


def source_line(line: str) -> str:
    """Make a source line printable, tabs as `TAB` blanks."""
    if line.isascii() and line.isprintable():
        return line
    return _UNSAFE.sub(_picture, line.replace("\t", " " * TAB))


def width(text: str) -> int:
    """Count the terminal columns of text that `source_line` made: wide characters 2, combining ones 0."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
