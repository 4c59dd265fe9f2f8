"""Markdown for comments on pull requests: what manifests say comes in, code that stays code goes out.

Source: GitHub Flavored Markdown Spec, "Code spans" and "Tables (extension)".
"""

from .rows import shorten

__all__ = ["MARK", "MOST", "MOST_NAME", "Room", "code"]

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
