"""Writes a check's result for people, in full: each finding with its source, and a last line that sums up.

Advice comes after errors and warnings, one line each and only some of it, so that it does not hide them. What
was found comes in, segment by segment or as a Checked, and text goes out; colors and the terminal's width are
arguments. Text of manifests is made printable first. This module opens no files and decides nothing.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from ..findings import Severity
from ..results.checked import (
    Checked,
    Located,
    Unlisted,
)
from ..results.segment import CheckedRun, RenderedFinding, RenderedSegment, Segment
from .dumps import lead_with_rule
from .frames import frame, gutter_of
from .ledger import last_lines
from .left_out import LEFT_OUT, left_out, name_of
from .paint import Paint
from .plain import one_line, width
from .segments import run_of, segment_of

_ADVICE = 5
"""Notes of one check that are listed below errors and warnings; --verbose lists them all."""

_ROWS = 20
"""Notes below one heading that are listed; --verbose lists them all."""

_INDENT = " " * 4

_GROUP = ""
"""The group of an entry that holds several notes, or one of several lines: it is listed whole."""


class FullReport:
    """Renders segments as people read them. `columns` is the width that source lines are cut to."""

    wants_replacements = False

    def __init__(self, *, color: bool = False, columns: int = 160, verbose: bool = False) -> None:
        self._paint = Paint(color)
        self._columns = columns
        self._verbose = verbose
        self.question = ("full", color, columns, verbose)

    def render(self, segment: Segment) -> RenderedSegment:
        """Render findings with their source, advice in a line each, and with `verbose` what was left out."""
        paint = self._paint
        entries: list[RenderedFinding] = []
        known: dict[tuple[object, ...], list[Located]] = {}
        groups: list[tuple[int, list[Located]]] = []
        for number, page in enumerate(segment.pages):
            for located in page.findings:
                finding = located.finding
                if located.suppression is not None:
                    continue
                if not _is_advice(located) or not (finding.heading or finding.details):
                    entries.append(self._entry(number, located))
                    continue
                # notes below one heading come together where the first of them stands
                key = (located.file, located.document, located.object, finding.check, finding.heading)
                if finding.heading and key in known:
                    known[key].append(located)
                    continue
                known[key] = [located]
                groups.append((len(entries), known[key]))
                entries.append(RenderedFinding(number, located.place.line, located.place.column, _GROUP, ""))
        for index, group in groups:
            text = "\n".join(_listed(group, paint, len(group) if self._verbose else _ROWS))
            blank = "\n" if group[0].finding.details else ""
            entries[index] = msgspec.structs.replace(entries[index], text=blank + text)
        pages = segment.pages
        sections = {
            "unlisted": [
                _unlisted(entry, paint) for page in pages for entry in page.unlisted if not entry.suppressed
            ]
        }
        if self._verbose:
            sections |= left_out(segment, paint)
        return RenderedSegment(entries, {name: texts for name, texts in sections.items() if texts})

    def entry(self, page: int, located: Located) -> RenderedFinding | None:
        """Render one finding; None: it does not count."""
        return None if located.suppression is not None else self._entry(page, located)

    def _entry(self, page: int, located: Located) -> RenderedFinding:
        """Render one finding: its check is the group of advice in a line, None what has its source."""
        place = located.place
        if _is_advice(located):
            return RenderedFinding(
                page, place.line, place.column, located.finding.check, _head(located, self._paint)
            )
        return RenderedFinding(
            page, place.line, place.column, None, _finding(located, self._paint, self._columns)
        )

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the whole report: what has its source, advice, what was left out, and the sum."""
        begun = False
        has_advice = framed = False
        for entry in run.entries():
            if entry.group is not None:
                has_advice = True
                continue
            if framed:
                yield "\n"
            begun = framed = True
            yield entry.text
        for number, text in enumerate(run.section("unlisted")):
            if begun and not number:
                yield "\n"
            begun = True
            yield text
        if has_advice:
            if begun:
                yield "\n"
            begun = True
            most = _ADVICE if framed and not self._verbose else None
            yield from _advice((entry for entry in run.entries() if entry.group is not None), most)
        left_out = chain.from_iterable(run.section(name) for name in LEFT_OUT)
        for number, text in enumerate(left_out):
            if begun and not number:
                yield "\n"
            begun = True
            yield text
        yield from last_lines(run, self._paint, begun=begun, verbose=self._verbose)


def render(result: Checked, *, color: bool = False, columns: int = 160, verbose: bool = False) -> str:
    """Write the whole report. `columns` is the width that source lines are cut to."""
    report = FullReport(color=color, columns=columns, verbose=verbose)
    return "".join(report.write(run_of(result, report.render(segment_of(result)))))


def _is_advice(entry: Located) -> bool:
    return entry.finding.advice and entry.finding.severity is Severity.NOTE


def _advice(entries: Iterable[RenderedFinding], most: int | None) -> Iterator[str]:
    """Write a line each, `most` of one check, and how many of which check were left out; None: all."""
    listed: dict[str, int] = {}
    begun = False
    for entry in entries:
        check, text = entry.group or "", entry.text
        if check != _GROUP:
            count = listed[check] = listed.get(check, 0) + 1
            if most is not None and count > most:
                continue
        elif not begun:
            text = text.removeprefix("\n")  # a blank line stands between it and what comes before
        begun = True
        yield f"{text}\n"
    left = {check: count - most for check, count in listed.items() if most is not None and count > most}
    if left:
        each = ", ".join(f"{check} {count:,}" for check, count in left.items())
        total = sum(left.values())
        yield f"{total:,} more {'note' if total == 1 else 'notes'} (--verbose lists them): {each}\n"


def _listed(group: list[Located], paint: Paint, most: int) -> Iterator[str]:
    """Write what is said once, and below it a line for each detail or for each note and its place."""
    finding = group[0].finding
    yield _head(group[0], paint, f"{finding.heading or finding.message}:")
    rows = [(name, one_line(text)) for name, text in finding.details]
    if finding.heading:
        rows = [
            (f"{entry.place.line}:{entry.place.column}", one_line(entry.finding.message)) for entry in group
        ]
    room = max(width(name) for name, _ in rows)
    for name, text in rows[:most]:
        yield f"{_INDENT}{paint('dim', name)}{' ' * (room - width(name))}  {text}"
    if len(rows) > most:
        yield f"{_INDENT}and {len(rows) - most:,} more (--verbose lists them)"


def _head(entry: Located, paint: Paint, message: str | None = None) -> str:
    finding, place = entry.finding, entry.place
    severity = finding.severity.value
    where = paint("bold", f"{one_line(entry.file)}:{place.line}:{place.column}")
    message = one_line(lead_with_rule(finding.whole_message) if message is None else message)
    # Messages of errors and warnings stand out, advice does not.
    return f"{where}  {paint(severity, severity)}  {finding.check}  " + (
        message if _is_advice(entry) else paint("bold", message)
    )


def _finding(entry: Located, paint: Paint, columns: int) -> str:
    finding = entry.finding
    lines = [_head(entry, paint), *frame(entry, paint, columns)]
    helps = list(finding.help)
    if entry.more_related:
        helps.append(f"and {entry.more_related:,} more places that are not shown")
    if entry.source is not None:
        helps.append(f"from {entry.source}")
    gutter = " " * gutter_of(entry)
    lines.extend(f"{gutter} {paint('frame', '=')} {one_line(text)}" for text in helps)
    return "\n".join(lines) + "\n"


def _unlisted(entry: Unlisted, paint: Paint) -> str:
    severity = entry.severity.value
    where = paint("bold", f"{one_line(entry.file)}:{entry.line}")
    rest = f"and {entry.count:,} more in {one_line(name_of(entry.object))}, not listed"
    return f"{where}  {paint(severity, severity)}  {entry.check}  {rest}\n"
