"""Reads on where a document cannot be read, if what stops the reader is a `*` without quotes.

The place where it broke and the file's bytes come in; a copy of the document with the quotes written goes
out, as objects whose places are those of the file. The copy is only for findings: the document still counts
as not read.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from ...inputs.input import InputObject, UnreadableInput
from ...inputs.objects import objects_in
from ...manifest.document import Document, UnreadableDocument
from ...manifest.file_text import FileText, Place, Stretch
from ...manifest.reader import read_repaired
from ...manifest.split import split

if TYPE_CHECKING:
    from ...manifest.repair import Star

__all__ = ["Copies", "Copy", "point"]

_NAMED = 3
"""Repairs that every finding of a copy repeats; the others are only findings themselves."""


class Copy(msgspec.Struct, frozen=True):
    """What was read in place of a document: its objects, or where the copy breaks too.

    `stars` are the places of what was put in quotes, the first is where the document broke.
    """

    stars: "tuple[tuple[Place, Star], ...]"
    items: tuple[InputObject, ...] = ()
    broken: UnreadableDocument | None = None

    @property
    def faults(self) -> Iterator[tuple[Place, str]]:
        """Say what else could not be read: every star after the first, and where the copy breaks."""
        for place, star in self.stars[1:]:
            yield place, star.complaint
        if self.broken is not None:
            yield point(self.broken.line, self.broken.column), self.broken.message

    @property
    def read_as(self) -> str:
        """What was written, with line and column."""
        named = [f"{star.written} at {place.line}:{place.column}" for place, star in self.stars[:_NAMED]]
        more = len(self.stars) - _NAMED
        return ", ".join(named) + (f" and {more} more" if more > 0 else "")


class Copies:
    """Makes copies of the documents of one text."""

    def __init__(self, data: bytes, stretch: Stretch) -> None:
        self.text = FileText(data, stretch)
        self._stretches: Sequence[tuple[int, int, int]] | None = None

    def of(self, lost: UnreadableInput) -> Copy | None:
        """Give the copy of a document that could not be read; None: there is no such star in it."""
        text = self.text
        if lost.document is None or not text.data:
            return None
        if self._stretches is None:
            self._stretches = list(split(text.data))
        number = lost.document - text.stretch.documents
        if number > len(self._stretches):
            return None
        start, end, _ = self._stretches[number - 1]
        read = read_repaired(lost.file, lost.document, text, start, end)
        if read is None:
            return None
        stars = tuple((text.place(star.start, star.end), star) for star in read[0])
        if (stars[0][0].line, stars[0][0].column) != (lost.line, lost.column):
            return None  # something else broke it first
        result = read[1]
        if isinstance(result, Document):
            return Copy(stars, tuple(item for item in objects_in(result) if isinstance(item, InputObject)))
        return Copy(stars, broken=result if isinstance(result, UnreadableDocument) else None)


def point(line: int, column: int) -> Place:
    """Give the place of one character; its bytes are not known."""
    return Place(line, column, 0, line, column + 1, 0)
