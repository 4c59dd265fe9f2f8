"""A stretch of text and what to write there instead, and what makes such changes."""

from collections.abc import Iterable

import msgspec

from ...errors import PodproofError
from ...manifest.route import Route

__all__ = ["OverlappingEdits", "TextEdit", "change_text"]


class OverlappingEdits(PodproofError):
    """Says that two edits want the same stretch of text."""


class TextEdit(msgspec.Struct, frozen=True, gc=False):
    """Write `text` in place of the code points from `start` to `end`, which is exclusive.

    `routes` lead to the values of the document that it sets or removes.
    """

    start: int
    end: int
    text: str
    routes: tuple[Route, ...] = ()

    def moved(self, by: int) -> "TextEdit":
        """Count its code points from `by` earlier."""
        return TextEdit(self.start + by, self.end + by, self.text, self.routes)


def change_text(text: str, edits: Iterable[TextEdit]) -> str:
    """Make all edits; insertions at one place are made in their order, before what begins there is replaced.

    Raises OverlappingEdits: one begins inside another.
    """
    parts = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < position:
            raise OverlappingEdits(f"two edits want the text at code point {edit.start}")
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*parts, text[position:]])
