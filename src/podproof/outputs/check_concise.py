"""Writes a check's result as a line for each finding, as editors and `grep` read them.

What was found comes in, segment by segment, and text goes out. This module opens no
files and decides nothing.
"""

from collections.abc import Callable, Iterator

from ..findings import Severity
from ..results.checked import Located
from ..results.segment import CheckedRun, RenderedFinding, RenderedSegment, Segment
from .ledger import last_lines
from .left_out import name_of
from .paint import Paint
from .plain import one_line
from .text_rows import Layout

__all__ = ["ConciseReport"]


class ConciseReport:
    """Renders findings as `file:line:column severity check object/container message`.

    `link` gives the address of a check's page; `quiet` leaves out notes and the last line.
    """

    wants_replacements = False

    def __init__(self, *, color: bool = False, quiet: bool = False, link: Callable[[str], str]) -> None:
        self._layout = Layout(Paint(color), 0, True, link)
        self._quiet = quiet
        self.question = ("concise", color, quiet, link("privileged"))

    def render(self, segment: Segment) -> RenderedSegment:
        """Render a segment's findings, and how many are not listed."""
        entries = [
            entry
            for number, page in enumerate(segment.pages)
            for located in page.findings
            if (entry := self.entry(number, located)) is not None
        ]
        paint = self._layout.paint
        unlisted = [
            f"{one_line(entry.file)}:{entry.line}:1 {paint(entry.severity.value, entry.severity.value)}"
            f" {self._layout.check(entry.check)} {one_line(name_of(entry.object))}"
            f" and {entry.count:,} more, not listed\n"
            for page in segment.pages
            for entry in page.unlisted
            if not entry.suppressed
        ]
        return RenderedSegment(entries, {"unlisted": unlisted} if unlisted else {})

    def entry(self, page: int, located: Located) -> RenderedFinding | None:
        """Render one finding; None: it is not shown."""
        finding, place = located.finding, located.place
        if located.suppression is not None or (self._quiet and finding.severity is Severity.NOTE):
            return None
        named = "" if located.object is None else name_of(located.object)
        container = "" if finding.container is None else f"/{finding.container.name}"
        severity = finding.severity.value
        parts = (
            f"{one_line(located.file)}:{place.line}:{place.column}",
            self._layout.paint(severity, severity),
            self._layout.check(finding.check),
            *([one_line(f"{named}{container}")] if named or container else ()),
            one_line(finding.whole_message),
        )
        return RenderedFinding(page, place.line, place.column, None, f"{' '.join(parts)}\n")

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the findings, how many are not listed, and the last line."""
        begun = False
        for entry in run.entries():
            begun = True
            yield entry.text
        for text in run.section("unlisted"):
            begun = True
            yield text
        if not self._quiet:
            yield from last_lines(run, self._layout.paint, begun=begun)
