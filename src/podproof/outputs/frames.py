"""Draws the source around a finding: its place and the lines of its file come in, lines of text go out.

Text of manifests is made printable first, and no line is wider than the terminal, so that marks stand below
what they mean. This module opens no files.
"""

from collections.abc import Iterator

import msgspec

from ..manifest.file_text import Place
from ..results.checked import Located
from .paint import Paint
from .plain import one_line, source_line, width

__all__ = ["frame", "gutter_of", "short_frame"]

_CONTEXT = 2
"""Lines shown above the marked one."""

_MAX_MARKS = 120


def gutter_of(entry: Located) -> int:
    """Return the columns that line numbers of its frame need."""
    last = max([entry.place.line, *(place.line for place, _ in entry.related)])
    return max(2, len(str(last)))


def frame(entry: Located, paint: Paint, columns: int) -> Iterator[str]:
    """Yield the source around the place with its marks, and after it the related places in short."""
    lines = list(short_frame(entry, paint, columns, context=_CONTEXT))
    if lines:
        bar = paint("frame", f"{' ' * gutter_of(entry)} │")
        yield from (bar, *lines, bar)


def short_frame(
    entry: Located, paint: Paint, columns: int, *, context: int = 0, label: str | None = None
) -> Iterator[str]:
    """Yield the marked lines alone, and `context` lines above them; `label` replaces the finding's own.

    Without a context, a label that is wider than the rest of its line is left out.
    """
    if not entry.lines or entry.place.line > len(entry.lines):
        return
    gutter = gutter_of(entry)
    bar = paint("frame", f"{' ' * gutter} │")
    for place, text, style, above in _marked(entry, context, label):
        for number in range(max(1, place.line - above), place.line):
            yield _source(number, entry.lines[number - 1][: _reach(columns)], paint, gutter, columns, 0)
        line, place = _near(entry.lines[place.line - 1], place, columns)
        shift = _shift(line, place, columns - gutter - 3)
        yield _source(place.line, line, paint, gutter, columns, shift)
        marks = _marks(line, place, shift)
        if not context:
            marks = marks[: max(columns - gutter - 3, len(marks) - len(marks.lstrip()) + 1)]
        if not context and width(marks) + 1 + width(one_line(text)) > columns - gutter - 3:
            text = ""
        tail = f"{marks.lstrip()} {one_line(text)}" if text else marks.lstrip()
        yield f"{bar} {marks[: len(marks) - len(marks.lstrip())]}{paint(style, tail)}"


def _near(line: str, place: Place, columns: int) -> tuple[str, Place]:
    """Cut a long line to what may be shown around a place: a whole dump may stand on one line."""
    reach = _reach(columns)
    cut = max(0, place.column - 1 - reach)
    moved = msgspec.structs.replace(place, column=place.column - cut, end_column=place.end_column - cut)
    return line[cut : place.column + reach], moved


def _reach(columns: int) -> int:
    """Say how many characters beside a place may be shown, and more."""
    return 2 * max(columns, _MAX_MARKS)


def _marked(entry: Located, context: int, label: str | None) -> Iterator[tuple[Place, str, str, int]]:
    finding = entry.finding
    marks = [(entry.place, finding.label if label is None else label, finding.severity.value, context)]
    marks.extend((place, text, "frame", 0) for place, text in entry.related if place.line <= len(entry.lines))
    # The text is read from top to bottom, so an earlier related place comes first.
    marks.sort(key=lambda mark: (mark[0].line, mark[0].column))
    shown = 0
    for place, text, style, above in marks:
        # no line twice: the context ends where the mark above stands
        yield place, text, style, max(0, min(above, place.line - shown - 1)) if shown else above
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


def _marks(line: str, place: Place, shift: int) -> str:
    text = line.rstrip("\r\n")
    end = place.end_column - 1 if place.end_line == place.line else len(text.rstrip())
    start = min(place.column - 1, len(text))
    before = source_line(text[:start])[shift:]
    marked = source_line(text[start : max(end, start)])
    carets = "^" * min(_MAX_MARKS, max(1, width(marked)))
    return " " * width(before) + carets
