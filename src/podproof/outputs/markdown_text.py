"""Markdown for comments on pull requests: what manifests say comes in, code and text that stay that go out.

Source: GitHub Flavored Markdown Spec, "Code spans", "Backslash escapes", "Autolinks (extension)" and "Tables
(extension)".
"""

from functools import lru_cache

from ..pattern import pattern
from .plain import one_line
from .rows import shorten

__all__ = ["MARK", "MOST", "MOST_NAME", "Room", "code", "escaped"]

MARK = "<!-- podproof -->\n"
"""The first line, by which a pipeline finds the comment that it wrote before."""

MOST = 65_000
"""Units of UTF-16 of a whole comment, below the 65,536 that GitHub takes."""

MOST_NAME = 120
"""Characters of a name that are shown."""


class Room:
    """How much may still be written, in UTF-16 units; a part of another room takes from that, too."""

    def __init__(self, units: int, whole: "Room | None" = None) -> None:
        self._left = units
        self._whole = whole

    def take(self, text: str) -> bool:
        """Say whether the text fits; then it counts."""
        units = len(text.encode("utf-16-le", "surrogatepass")) // 2
        if units > self._left or (self._whole is not None and not self._whole.take(text)):
            return False
        self._left -= units
        return True


def code(text: str, most: int = MOST_NAME) -> str:
    """Write what a manifest says as code; what would end the code or the cell is written otherwise.

    `text` is printable and has one line.
    """
    return f"`{shorten(text, most).replace('`', chr(39)).replace('|', '¦') or '–'}`"


_MARKUP = pattern(r"[\\`*_\[\]<>|#~&]|(?<=[A-Za-z]):(?=//)|(?<=[Ww]{3})\.")
"""What Markdown would obey: its signs, and what makes links of addresses that have none."""

_MENTION = pattern(r"@|#(?=[0-9])")
"""What a forge makes links of afterwards, which nobody can escape: mentions and numbers of issues."""


_SHORT = 120
"""Characters of a text that is worth remembering: tables repeat the same words in nearly every row."""


def escaped(text: str) -> str:
    """Write a text so that nothing in it becomes markup, an entity, a link, a mention or a reference."""
    return _escaped_once(text) if len(text) <= _SHORT else _escape(text)


def _escape(text: str) -> str:
    return _MENTION.sub(r"\g<0>&#8203;", _MARKUP.sub(r"\\\g<0>", one_line(text)))


_escaped_once = lru_cache(1024)(_escape)
