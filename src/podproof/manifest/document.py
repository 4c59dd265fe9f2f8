"""What the reader hands out: documents with their values and, on request, the place of every key and value.

In: the bytes of one file and the stretch of them that is one document. Out: plain values at once, places only
when somebody asks. Never knows Kubernetes.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from podproof.manifest.file_text import FileText, Place
from podproof.manifest.route import Route

if TYPE_CHECKING:
    from podproof.manifest.syntax_tree import Syntax


class UnreadableDocument(msgspec.Struct, frozen=True):
    """A document that could not be read: where it breaks, and one line that says what to do."""

    file: str
    index: int
    line: int
    column: int
    message: str


class EmptyDocument(msgspec.Struct, frozen=True):
    """A document with nothing in it but blanks and comments."""

    file: str
    index: int
    line: int


class Comment(msgspec.Struct, frozen=True):
    """A comment that begins with `podproof:`, or a part of one that does: `text` is what follows.

    `alone`: nothing but comments stands on its line.
    """

    text: str
    place: Place
    alone: bool


class PlaceFinder(Protocol):
    """Finds the spans of a document's keys and values, in code points of the file; ends are exclusive."""

    def find(self, route: Route, *, key: bool = False) -> tuple[int, int]:
        """Give the span of the value at `route` (or of its key), or of its nearest ancestor that exists."""
        ...

    def keys(self, route: Route) -> list[tuple[int, int]]:
        """Give the span of every key written for `route`, in the text's order; empty when there is none."""
        ...


class Document:
    """One document: its value at once, its places when asked.

    `value` is made of dict, list, str, int, float, bool and None by Kubernetes' scalar rules; of keys written
    twice the last one counts, and `duplicates` has their routes; merge keys are applied. Values that an alias
    repeats are one and the same object, so nobody may change them in place.
    `line` is the line of the first content, `source` the path after `# Source:` as `helm template` writes it.
    `marks` is room for the places that whoever reports about it has worked out, by the route and whether
    its key is meant.
    """

    __slots__ = (
        "_duplicates_below",
        "_find_comments",
        "_index",
        "_index_places",
        "_places",
        "_syntax",
        "_text",
        "duplicates",
        "file",
        "index",
        "line",
        "marks",
        "source",
        "value",
    )

    def __init__(
        self,
        file: str,
        index: int,
        line: int,
        value: object,
        source: str | None,
        duplicates: tuple[Route, ...],
        text: FileText,
        index_places: Callable[[], PlaceFinder],
        syntax: Callable[[], "Syntax"],
    ) -> None:
        self.file = file
        self.index = index
        self.line = line
        self.value = value
        self.source = source
        self.duplicates = duplicates
        self._duplicates_below: dict[int, dict[Route, list[Route]]] = {}
        self._text = text
        self._index_places = index_places
        self._syntax = syntax
        self._index: PlaceFinder | None = None
        # by span: much of what is said about a document is said about the same few places of it
        self._places: dict[tuple[int, int], Place] = {}
        self._find_comments: Callable[[], tuple[Comment, ...]] | None = None
        self.marks: dict[tuple[Route, bool], Place] = {}

    def with_comments(self, find: "Callable[[], tuple[Comment, ...]]") -> "Document":
        """Take what finds its comments, where there are any to this program; gives the document."""
        self._find_comments = find
        return self

    @property
    def comments(self) -> "tuple[Comment, ...]":
        """The comments to this program, and those above the document that belong to no other."""
        return () if self._find_comments is None else self._find_comments()

    def __repr__(self) -> str:
        return f"Document({self.file!r}, index={self.index}, line={self.line})"

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the whole file, for source frames."""
        return self._text.lines

    @property
    def lines_later(self) -> Sequence[str]:
        """The same lines, which are only made if somebody looks at them."""
        return self._text.lines_later

    @property
    def text(self) -> str:
        """The whole file's text, without a byte order mark."""
        return self._text.text

    def syntax(self) -> "Syntax":
        """Give the document as it is written, for who changes its text; read anew at each call."""
        return self._syntax()

    def line_of(self, place: Place) -> str:
        """Give the line on which a place starts."""
        return self._text.line_of(place)

    def locate(self, index: int) -> tuple[int, int]:
        """Give the line and column, 1-based, of a code point of the file."""
        return self._text.locate(index)[:2]

    def stretch(self, start: int, end: int) -> Place:
        """Give the place of a stretch of code points of the file; the end is exclusive."""
        return self._place((start, end))

    def place(self, route: Route, *, key: bool = False) -> Place:
        """Give the place of the value at `route` (or of its key), or of its nearest ancestor that exists.

        A value that an alias or a merge brings in has the place where it is written, at the anchor. A list
        element has no key: its value's place is given.
        """
        return self._place(self._place_index().find(route, key=key))

    def utf16_columns(self, place: Place) -> tuple[int, int]:
        """Give where a place of this document starts and ends on its lines in UTF-16, as editors count.

        Columns are 1-based as those of Place; a character beyond U+FFFF counts twice.
        """
        lines = self._text.lines
        ends = ((place.line, place.column), (place.end_line, place.end_column))
        start, end = (
            column + sum(character > "\uffff" for character in lines[line - 1][: column - 1])
            if line <= len(lines)
            else column
            for line, column in ends
        )
        return start, end

    def duplicates_below(self, base: Route) -> tuple[Route, ...]:
        """Give the duplicates at or below a route, counted from there; all routes are sorted out once."""
        if not base:
            return self.duplicates
        length = len(base)
        below = self._duplicates_below.get(length)
        if below is None:
            below = self._duplicates_below[length] = {}
            for route in self.duplicates:
                below.setdefault(route[:length], []).append(route[length:])
        return tuple(below.get(base, ()))

    def duplicate_places(self, route: Route, most: int) -> tuple[tuple[Place, ...], int]:
        """Give the places of the first keys written for `route`, up to `most`, and of the one that counts.

        They stand in the text's order; none when the key is absent. Also tells how many were left out.
        """
        spans = self._place_index().keys(route)
        shown = [*spans[:most], spans[-1]] if len(spans) > most + 1 else spans
        return tuple(self._place(span) for span in shown), len(spans) - len(shown)

    def _place_index(self) -> PlaceFinder:
        if self._index is None:
            self._index = self._index_places()
        return self._index

    def _place(self, span: tuple[int, int]) -> Place:
        place = self._places.get(span)
        if place is None:
            place = self._places[span] = self._text.place(*span)
        return place
