"""The bytes of one file, or of a stretch of it, with the way from code points to lines, columns and bytes.

In: bytes. Out: their text and lines when somebody asks, and places. Never knows what is written there.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, count
from operator import add
from typing import overload

import msgspec

__all__ = ["WHOLE", "FileText", "Place", "Stretch"]

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

    @property
    def lines_later(self) -> Sequence[str]:
        """The same lines, which are only made if somebody looks at them."""
        return _LinesLater(self)

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
