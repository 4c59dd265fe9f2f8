"""What the reader hands out: documents with their values and, on request, the place of every key and value.

In: the bytes of one file and the stretch of them that is one document. Out: plain values at once, places only
when somebody asks. Never knows Kubernetes.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, count
from operator import add
from typing import TYPE_CHECKING, Protocol, overload

import msgspec

from podproof.manifest.route import Route

if TYPE_CHECKING:
    from podproof.manifest.syntax_tree import Syntax

_LINE_END = re.compile(r"\r\n|\n|\r")
_LINE_END_BYTES = re.compile(rb"\r\n|\n|\r")


class Place(msgspec.Struct, frozen=True):
    """A stretch of a file: lines and columns 1-based in code points, offsets in bytes, ends exclusive."""

    line: int
    column: int
    offset: int
    end_line: int
    end_column: int
    end_offset: int


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


class Stretch(msgspec.Struct, frozen=True, array_like=True):
    """Where a stretch of a file begins that is read by itself: how many documents, lines, bytes precede it.

    `above` are the last lines before it, and `below` the first behind it, which source frames show.
    """

    documents: int = 0
    lines: int = 0
    bytes: int = 0
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


WHOLE = Stretch()
"""The stretch that is the whole file."""


class _LinesFrom(Sequence[str]):
    """The lines of a stretch and those just around it, by their numbers in the file; others are not known."""

    def __init__(self, lines: list[str], stretch: Stretch) -> None:
        self._known = [*stretch.above, *lines, *stretch.below]
        self._before = stretch.lines - len(stretch.above)

    def __len__(self) -> int:
        return self._before + len(self._known)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return self._known[index - self._before] if index >= self._before else ""


_FEW_BYTES = 16_384
"""In a file of up to so many bytes, line ends are counted for each place that is looked for."""


class _LinesLater(Sequence[str]):
    """The lines of a file, which is taken apart when the first of them is asked for."""

    __slots__ = ("_file",)

    def __init__(self, file: "FileText") -> None:
        self._file = file

    def __len__(self) -> int:
        return len(self._file.lines)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._file.lines[index]


class FileText:
    """The bytes of one file without its byte order mark, and the way from code points to lines and bytes.

    Bytes that are not UTF-8 stand in the text as lone surrogates, so that offsets stay exact around them. The
    bytes may be a stretch of the file: code points are counted from its start, lines and bytes from the
    file's.
    """

    __slots__ = (
        "_before",
        "_byte_starts",
        "_is_ascii",
        "_is_plain",
        "_known",
        "_lines",
        "_starts",
        "_text",
        "data",
        "stretch",
    )

    def __init__(self, data: bytes, stretch: Stretch = WHOLE) -> None:
        bom = 3 if data.startswith(b"\xef\xbb\xbf") and not stretch.bytes else 0
        self.data = data[bom:] if bom else data
        self.stretch = stretch
        self._before = bom + stretch.bytes
        self._is_ascii = self.data.isascii()
        # whether each byte is a code point, only line feeds end lines, and few bytes are looked through
        self._is_plain = self._is_ascii and len(data) <= _FEW_BYTES and b"\r" not in data
        self._text: str | None = None
        self._lines: Sequence[str] | None = None
        self._starts: list[int] = []
        self._byte_starts: list[int] = []
        # a code point and its byte: later ones are counted from here, so that many places cost one pass
        self._known = (0, 0)

    @property
    def text(self) -> str:
        """The whole file, decoded when first asked for."""
        if self._text is None:
            self._text = self.data.decode("utf-8", "surrogateescape")
        return self._text

    @property
    def lines(self) -> Sequence[str]:
        """Every line of the file without its end; a final line end opens no further line."""
        if self._lines is None:
            text = self.text
            if "\r" not in text:
                lines = text.split("\n")
                self._starts = _starts_of(lines)
            else:
                lines = _LINE_END.split(text)
                self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
            if not lines[-1]:
                lines.pop()
            part = self.stretch.lines or self.stretch.below
            self._lines = _LinesFrom(lines, self.stretch) if part else lines
        return self._lines

    def place(self, start: int, end: int) -> Place:
        """Give the place of a stretch of code points of the text; the end is exclusive."""
        line, column, offset = self.locate(start)
        if self._is_plain and self.data.find(b"\n", start, end) < 0:
            length = end - start
            return Place(line, column, offset, line, column + length, offset + length)
        starts, below = self._starts, line - self.stretch.lines
        if self._is_ascii and self._lines is not None and (below == len(starts) or end < starts[below]):
            length = end - start  # nearly every stretch: it ends on its line
            return Place(line, column, offset, line, column + length, offset + length)
        return Place(line, column, offset, *self.locate(end))

    def locate(self, index: int) -> tuple[int, int, int]:
        """Give line, column and byte offset, in the file, of the code point `index` of the text."""
        if self._is_plain:
            line = self.data.count(b"\n", 0, index) + 1
            start = self.data.rfind(b"\n", 0, index) + 1
            return line + self.stretch.lines, index - start + 1, index + self._before
        if self._lines is None:
            _ = self.lines
        line = bisect_right(self._starts, index)
        start = self._starts[line - 1]
        offset = index
        if not self._is_ascii:
            known, offset = self._counted_from((start, self._starts_in_bytes()[line - 1]), 0, index)
            offset += len(self.text[known:index].encode("utf-8", "surrogateescape"))
            self._known = (index, offset)
        return line + self.stretch.lines, index - start + 1, offset + self._before

    def line_of(self, place: Place) -> str:
        """Give the line on which a place starts."""
        if not self._is_plain:
            return self.lines[place.line - 1]
        start = place.offset - self._before - place.column + 1
        end = self.data.find(b"\n", start)
        return (self.data[start:] if end < 0 else self.data[start:end]).decode()

    @property
    def is_ascii(self) -> bool:
        """Whether each byte is a code point, so that both have one number."""
        return self._is_ascii

    def index_of_byte(self, offset: int) -> int:
        """Give the code point that starts at byte `offset` of `data`."""
        if self._is_ascii:
            return offset
        starts = self._starts_in_bytes()
        line = bisect_right(starts, offset)
        index, known = self._counted_from((self._starts[line - 1], starts[line - 1]), 1, offset)
        index += len(self.data[known:offset].decode("utf-8", "surrogateescape"))
        self._known = (index, offset)
        return index

    def _counted_from(self, start_of_line: tuple[int, int], unit: int, position: int) -> tuple[int, int]:
        """Give the code point and byte from which to count: the line's start, or what is known behind it."""
        behind = start_of_line[unit] <= self._known[unit] <= position
        return self._known if behind else start_of_line

    def _starts_in_bytes(self) -> list[int]:
        if not self._byte_starts:
            _ = self.lines
            if b"\r" not in self.data:
                self._byte_starts = _starts_of(self.data.split(b"\n"))
            else:
                self._byte_starts = [0, *(match.end() for match in _LINE_END_BYTES.finditer(self.data))]
        return self._byte_starts


def _starts_of(lines: list[str] | list[bytes]) -> list[int]:
    """Give where lines begin that line feeds separate: each has the lengths of those before, and as many."""
    return [0, *map(add, accumulate(map(len, lines[:-1])), count(1))]


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
        return _LinesLater(self._text)

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
