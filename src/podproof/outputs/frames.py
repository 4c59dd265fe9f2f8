"""Draws the source around a finding: its place and the lines of its file come in, lines of text go out.

Text of manifests is made printable first, and no line is wider than the terminal, so that marks stand below
what they mean. This module opens no files.
"""

from collections.abc import Iterator

import msgspec

from ..manifest.document import Place
from ..results.checked import Located
from .paint import Paint
from .plain import one_line, source_line, width

__all__ = ["frame", "gutter_of"]

_CONTEXT = 2
"""Lines shown above the marked one."""

_MAX_MARKS = 120


def gutter_of(entry: Located) -> int:
    """Return the columns that line numbers of its frame need."""
    last = max([entry.place.line, *(place.line for place, _ in entry.related)])
    return max(2, len(str(last)))


def frame(entry: Located, paint: Paint, columns: int) -> Iterator[str]:
    """Yield the source around the place with its marks, and after it the related places in short."""
    if not entry.lines or entry.place.line > len(entry.lines):
        return
    gutter = gutter_of(entry)
    bar = paint("frame", f"{' ' * gutter} │")
    yield bar
    for place, label, style, context in _marked(entry):
        for number in range(max(1, place.line - context), place.line):
            yield _source(number, entry.lines[number - 1][: _reach(columns)], paint, gutter, columns, 0)
        line, place = _near(entry.lines[place.line - 1], place, columns)
        shift = _shift(line, place, columns - gutter - 3)
        yield _source(place.line, line, paint, gutter, columns, shift)
        yield f"{bar} {_marks(line, place, label, paint, style, shift)}"
    yield bar


def _near(line: str, place: Place, columns: int) -> tuple[str, Place]:
    """Cut a long line to what may be shown around a place: a whole dump may stand on one line."""
    reach = _reach(columns)
    cut = max(0, place.column - 1 - reach)
    moved = msgspec.structs.replace(place, column=place.column - cut, end_column=place.end_column - cut)
    return line[cut : place.column + reach], moved


def _reach(columns: int) -> int:
    """Say how many characters beside a place may be shown, and more."""
    return 2 * max(columns, _MAX_MARKS)


def _marked(entry: Located) -> Iterator[tuple[Place, str, str, int]]:
    finding = entry.finding
    marks = [(entry.place, finding.label, finding.severity.value, _CONTEXT)]
    marks.extend(
        (place, label, "frame", 0) for place, label in entry.related if place.line <= len(entry.lines)
    )
    # The text is read from top to bottom, so an earlier related place comes first.
    marks.sort(key=lambda mark: (mark[0].line, mark[0].column))
    shown = 0
    for place, label, style, context in marks:
        # no line twice: the context ends where the mark above stands
        yield place, label, style, max(0, min(context, place.line - shown - 1)) if shown else context
        shown = place.line


def _source(number: int, line: str, paint: Paint, gutter: int, columns: int, shift: int) -> str:
    shown = source_line(line.rstrip("\r\n"))
    room = max(20, columns - gutter - 3)
    if shift:
        shown = "…" + shown[shift + 1 :]
    if len(shown) > room:
        shown = shown[: room - 1] + "…"
    return f"{paint('frame', f'{number:>{gutter}} │')} {shown}".rstrip()


def _shift(line: str, place: Place, room: int) -> int:
    """Return how many characters to cut from the left, so that a mark far to the right is in sight."""
    start = len(source_line(line[: place.column - 1]))
    return max(0, start - room // 2) if start > room - 10 else 0


def _marks(line: str, place: Place, label: str, paint: Paint, style: str, shift: int) -> str:
    text = line.rstrip("\r\n")
    end = place.end_column - 1 if place.end_line == place.line else len(text.rstrip())
    start = min(place.column - 1, len(text))
    before = source_line(text[:start])[shift:]
    marked = source_line(text[start : max(end, start)])
    carets = "^" * min(_MAX_MARKS, max(1, width(marked)))
    tail = f"{carets} {one_line(label)}" if label else carets
    return " " * width(before) + paint(style, tail)
