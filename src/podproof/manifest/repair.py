"""Quotes values that start with an unquoted `*`, so that the rest of a text can be judged in the same run.

In: an error of the parser with the text, or a text that YAML cannot read. Out: what to write instead, or the
text with it written, and the way back from its code points to those of the original. The file itself is never
changed, and what cannot be quoted beyond doubt is left alone.
"""

import re
from collections.abc import Sequence

import msgspec
import yaml
from yaml._yaml import CParser

from podproof.manifest.file_text import FileText, Place

__all__ = ["Repaired", "RepairedText", "Star", "find_star", "repair"]


_MAX_SHOWN = 60
"""Code points of a value that a message repeats."""
_WORK = 4 * 1024 * 1024
"""Code points that repairs of one document may parse in all: etcd refuses objects above 1.5 MiB."""
_MOST = 20
"""Repairs of one document: each reads it once more."""
_END_IN_BLOCK = re.compile(r"[ \t]+#|:(?=[ \t\r\n]|\Z)|[\r\n]|\Z")
_END_IN_FLOW = re.compile(r"[ \t]+#|:(?=[ \t\r\n,\]}]|\Z)|[,\[\]{}\r\n]|\Z")


class Star(msgspec.Struct, frozen=True):
    """A value that starts with an unquoted `*`: its code points (end exclusive), and the same in quotes."""

    start: int
    end: int
    written: str

    @property
    def complaint(self) -> str:
        """What is wrong with it, and what to write."""
        written = self.written if len(self.written) <= _MAX_SHOWN else "the value in quotes"
        return f"a name must follow * and &: quote the value that starts with * or &, so write {written}"

    def moved(self, base: int) -> "Star":
        """Count its code points from `base` earlier."""
        return Star(self.start + base, self.end + base, self.written)


class Repaired(msgspec.Struct, frozen=True):
    """`text` with every star of `stars` in quotes; their code points are those of the original."""

    text: str
    stars: tuple[Star, ...]

    def original(self, index: int) -> int:
        """Give the code point of the original that stands at `index` here, quotes beside their value."""
        for star in self.stars:
            if index <= star.start:
                break
            index -= 1  # the quote that opens
            if index > star.end:
                index -= 1  # the one that closes
        return index


class RepairedText(FileText):
    """A repaired document as a text of its own, with the places and lines of the file that it is from."""

    __slots__ = ("_base", "_file", "_repaired")

    def __init__(self, file: FileText, base: int, repaired: Repaired) -> None:
        super().__init__(b"")
        self._file = file
        self._base = base
        self._repaired = repaired

    @property
    def text(self) -> str:
        """The whole file's text, as it is."""
        return self._file.text

    @property
    def lines(self) -> Sequence[str]:
        """Every line of the file, as it is."""
        return self._file.lines

    def line_of(self, place: Place) -> str:
        """Give the line of the file on which a place starts."""
        return self._file.line_of(place)

    def place(self, start: int, end: int) -> Place:
        """Give the place in the file of a stretch of the repaired document's code points."""
        return Place(*self.locate(start), *self.locate(end))

    def locate(self, index: int) -> tuple[int, int, int]:
        """Give line, column and byte offset in the file of the repaired document's code point `index`."""
        return self._file.locate(self._base + self._repaired.original(index))

    def index_of_byte(self, offset: int) -> int:
        """Give the code point at byte `offset` of the repaired document: only its start is asked for."""
        return offset


def find_star(error: yaml.MarkedYAMLError, text: str) -> Star | None:
    """Find the value that the parser took for an alias without a usable name; None: it complains of others.

    None as well for a value that holds a quote: how to write it is not sure.
    """
    if "alphabetic or numeric" not in str(error.problem) or error.context_mark is None:
        return None
    start = error.context_mark.index
    if text[start : start + 1] != "*":
        return None
    value, in_flow = _value(_END_IN_BLOCK, text, start), _value(_END_IN_FLOW, text, start)
    if value != in_flow and _in_flow(text[:start]):
        value = in_flow
    if "'" in value or '"' in value:
        return None
    return Star(start, start + len(value), f"'{value}'")


def _value(end: re.Pattern[str], text: str, start: int) -> str:
    match = end.search(text, start + 1)
    return text[start : match.start() if match else len(text)].rstrip()


def repair(text: str) -> Repaired | None:
    """Quote every star that stops the parser, one after the other; None: it is not a star that stops it.

    The result may still be unreadable, by a fault of another kind or because the work is bounded.
    """
    stars: list[Star] = []
    parsed = 0
    while len(stars) < _MOST:
        parsed += len(text)
        if parsed > _WORK:
            break
        star = _first_star(text)
        if star is None:
            break
        text = text[: star.start] + star.written + text[star.end :]
        added = 2 * len(stars)
        stars.append(Star(star.start - added, star.end - added, star.written))
    return Repaired(text, tuple(stars)) if stars else None


def _first_star(text: str) -> Star | None:
    parser = CParser(text)
    try:
        parser.raw_parse()
    except yaml.MarkedYAMLError as error:
        return find_star(error, text)
    except (yaml.YAMLError, UnicodeEncodeError):
        return None
    finally:
        parser.dispose()
    return None


def _in_flow(before: str) -> bool:
    """Tell whether a flow collection is open where the text ends."""
    if "[" not in before and "{" not in before:
        return False
    depth = 0
    parser = CParser(before)
    try:
        while (token := parser.get_token()) is not None:
            if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
                depth += 1
            elif isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken):
                depth -= 1
    except yaml.YAMLError:
        # the text was read up to here before, so only its end can be at fault; what was counted holds
        pass
    finally:
        parser.dispose()
    return depth > 0
