"""The source of a block's findings as one frame: places come in, numbered lines with their marks go out.

Each line stands once, however many findings mark it; what lies between is left out. Text of manifests is
made printable. This module opens no files.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ...manifest.file_text import Place
from ...results.checked import Located
from ..plain import source_line
from .markup import Content, Markup, element, join

__all__ = ["frame"]

_CONTEXT = 2
"""Lines shown above a marked one."""

_MOST_LINES = 24
"""Marked lines of one frame; the findings name the places of the others."""

_REACH = 160
"""Characters of a line beside a mark that are shown: a whole document may stand on one line."""


class _SourceMark(msgspec.Struct, frozen=True):
    line: int
    start: int
    end: int
    severity: str
    label: str


def frame(findings: Sequence[Located]) -> Markup | None:
    """Draw the lines that the findings of one file mark, and what to write there; None: no source."""
    lines = next((located.lines for located in findings if located.lines), ())
    by_line: dict[int, list[_SourceMark]] = {}
    for mark in sorted(_marks(findings, lines), key=lambda mark: (mark.line, mark.start, mark.end)):
        by_line.setdefault(mark.line, []).append(mark)
    if not by_line:
        return None
    drawn: list[Markup] = []
    shown = 0
    for number, marks in list(by_line.items())[:_MOST_LINES]:
        first = max(number - _CONTEXT, shown + 1, 1)
        if shown and first > shown + 1:
            drawn.append(_row("⋮", Markup("")))
        drawn += [_row(str(above), _text(lines[above - 1])) for above in range(first, number)]
        drawn.append(_row(str(number), _marked(lines[number - 1], marks)))
        drawn += _labels(marks)
        shown = number
    if len(by_line) > _MOST_LINES:
        drawn.append(_row("⋮", element("i", f"and {len(by_line) - _MOST_LINES:,} more lines")))
    return element("div", *drawn, class_="src")


def _marks(findings: Iterable[Located], lines: Sequence[str]) -> Iterator[_SourceMark]:
    for located in findings:
        finding = located.finding
        yield from _mark(located.place, lines, finding.severity.value, finding.label)
        for place, label in located.related:
            yield from _mark(place, lines, "also", label)


def _mark(place: Place, lines: Sequence[str], severity: str, label: str) -> Iterator[_SourceMark]:
    if not 0 < place.line <= len(lines):
        return
    text = lines[place.line - 1].rstrip("\r\n")
    end = place.end_column - 1 if place.end_line == place.line else len(text.rstrip())
    start = min(place.column - 1, len(text))
    yield _SourceMark(place.line, start, max(start, min(end, len(text))), severity, label)


def _marked(line: str, marks: list[_SourceMark]) -> Markup:
    """Write a line with its marks; of those that overlap, the first is drawn."""
    text = line.rstrip("\r\n")
    at = max(0, marks[0].start - _REACH)
    parts: list[Content] = ["…"] if at else []
    for mark in marks:
        if mark.start < at or mark.end == mark.start:
            continue
        parts += [
            _text(text[at : mark.start]),
            element("mark", _text(text[mark.start : mark.end]), class_=mark.severity),
        ]
        at = mark.end
    return join((*parts, _text(text[at : at + _REACH + 1])))


def _text(line: str) -> Markup:
    shown = source_line(line[: _REACH + 1].rstrip("\r\n"))  # lines may have megabytes
    return join((f"{shown[:_REACH]}…" if len(shown) > _REACH else shown,))


def _labels(marks: list[_SourceMark]) -> Iterator[Markup]:
    """Write what the marks of a line say, on one line below it."""
    severities = {mark.label: mark.severity for mark in reversed(marks) if mark.label}
    labels = [element("em", label, class_=severity) for label, severity in reversed(severities.items())]
    if labels:
        yield element("div", element("b"), element("p", "↑ ", join(labels, " · ")))


def _row(number: str, code: Markup) -> Markup:
    return element("div", element("b", number), element("code", code))
