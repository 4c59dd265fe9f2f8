"""Writes a check's result for people: a block for each workload with findings, then advice in short.

What was found comes in, segment by segment or as a Checked, and text goes out. What a frame or a piece to
paste teaches is shown once in a run, unless `verbose` asks for everything; advice is counted by its check.
Colors, links and the terminal's width are arguments. This module opens no files and decides nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain

from ..checks.model.across import AcrossCheck
from ..checks.model.catalogue import all_checks
from ..findings import Severity
from ..results.checked import Checked, Located
from ..results.segment import CheckedRun, Page, RenderedFinding, RenderedSegment, Segment
from .ledger import fix_lines, last_lines
from .left_out import LEFT_OUT, left_out
from .paint import Paint, no_link
from .segments import run_of, segment_of
from .text_blocks import blocks, heading_of
from .text_rows import Layout, TextRow, clean
from .wrapping import wrap

__all__ = ["TextReport", "render"]

_BLOCK, _PIECE, _LESSON, _ACROSS, _ADVICE = "b", "p", "l", "x", "a"
"""The first letter of an entry's group: a title, a part of its block, one that is shown once in a run, a row
that may follow the block or need the title, and advice. The rest names what the entry is of."""

_LESSONS = 10_000
"""Lessons that a run shows; it remembers no more."""

_NARROWEST = 32
"""Columns that a summary needs beside its check."""

_BEFORE = -(1 << 30)
"""From here on, entries of blocks count as lines, so that they come before what is found on line 1."""


class TextReport:
    """Renders segments as people read them.

    `columns` is the width that lines are broken at, 40 at least; `link` gives the address of a check's page.
    `quiet` leaves out notes and the last lines.
    """

    wants_replacements = False

    def __init__(
        self,
        *,
        color: bool = False,
        columns: int = 160,
        verbose: bool = False,
        quiet: bool = False,
        link: Callable[[str], str] = no_link,
    ) -> None:
        self._layout = Layout(Paint(color), max(40, columns), verbose, link)
        self._quiet = quiet
        self.question = ("text", color, columns, verbose, quiet, link("privileged"))

    def render(self, segment: Segment) -> RenderedSegment:
        """Render a block for each pod or object that has findings, and each piece of advice."""
        entries: list[RenderedFinding] = []
        for number, page in enumerate(segment.pages):
            shown: list[Located] = []
            later: list[RenderedFinding] = []
            for located in page.findings:
                if not self._is_shown(located):
                    continue
                if _is_advice(located) or located.finding.check in _across():
                    later.append(self._later(number, located))
                else:
                    shown.append(located)
            entries += self._blocks(number, page, shown)
            entries += later
        sections = left_out(segment, self._layout.paint, self._layout.columns) if self._layout.verbose else {}
        return RenderedSegment(entries, {name: texts for name, texts in sections.items() if texts})

    def _blocks(self, number: int, page: Page, shown: Sequence[Located]) -> Iterator[RenderedFinding]:
        """Give the entries of a page's blocks; their lines only keep them in order."""
        line = _BEFORE
        for heading, pieces in blocks(page, shown, self._layout):
            group = f"{_BLOCK}{heading.identity}"
            yield RenderedFinding(number, line, 0, group, f"{heading.check}\0{heading.text}")
            for piece in pieces:
                line += 1
                if not piece.lesson:
                    yield RenderedFinding(number, line, 0, _PIECE, piece.text)
                    continue
                text = f"{piece.brief}\0{piece.text}"
                yield RenderedFinding(number, line, 0, f"{_LESSON}{piece.lesson}", text)
            line += 1

    def entry(self, page: int, located: Located) -> RenderedFinding | None:
        """Render one finding that only the whole run shows; None: it is not shown."""
        return self._later(page, located) if self._is_shown(located) else None

    def _is_shown(self, located: Located) -> bool:
        noted = located.finding.severity is Severity.NOTE
        return located.suppression is None and not (self._quiet and noted)

    def _later(self, page: int, located: Located) -> RenderedFinding:
        """Render what comes behind the block of its object: advice, and what the whole run shows of it."""
        place = located.place
        line, column = place.line, place.column
        if _is_advice(located):
            text = self._advice(located) if self._layout.verbose else ""
            return RenderedFinding(page, line, column, f"{_ADVICE}{located.finding.check}", text)
        heading = heading_of(located, self._layout)
        row = TextRow((located,), None)
        rows = _text(row.lines(self._layout, (len(row.position), len(heading.check))))
        text = f"{heading.check}\0{heading.text}\0{rows}"
        return RenderedFinding(page, line, column, f"{_ACROSS}{heading.identity}", text)

    def _advice(self, located: Located) -> str:
        place = located.place
        where = f"{clean(located.file)}:{place.line}:{place.column}"
        message = clean(located.finding.whole_message)
        first, *others = wrap(f"{where}  {message}", self._layout.columns - 6)
        return _text((f"    {first}", *(f"      {text}" for text in others)))

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the whole report: blocks, advice, what was left out, and the sum."""
        first = ""
        begun = False
        advice: Counter[str] = Counter()
        current = ""
        shown: set[str] = set()
        for entry in run.entries():
            group, text = entry.group or _PIECE, entry.text
            kind, key = group[0], group[1:]
            if kind == _ADVICE:
                advice[key] += 1
                continue
            if kind == _LESSON:
                brief, _, text = text.partition("\0")
                if key in shown or len(shown) >= _LESSONS:
                    text = brief
                shown.add(key)
            elif kind != _PIECE:
                check, title, text = (*text.split("\0"), "")[:3]
                first = first or check
                if kind == _BLOCK or key != current:
                    yield "\n" if begun else ""
                    yield title
                    begun = True
                current = key
            yield text
        if self._quiet:
            return
        if advice:
            yield "\n" if begun else ""
            yield from self._all_advice(run, advice)
            begun = True
        for number, text in chain.from_iterable(map(enumerate, self._paragraphs(run))):
            yield "\n" if begun and not number else ""
            yield text
            begun = True
        layout = self._layout
        yield from last_lines(run, layout.paint, begun=begun, verbose=layout.verbose, columns=layout.columns)
        if first:
            yield _text(wrap(f"podproof rules {first} explains the first finding", layout.columns))
        yield from fix_lines(run, layout.columns)

    def _paragraphs(self, run: CheckedRun) -> Iterator[Iterable[str]]:
        """Give what stands between advice and the sum: what is no longer there, and what was left out."""
        if run.fixed or run.absent:
            from .gone_lines import gone_lines

            layout = self._layout
            yield gone_lines(run, layout.paint, columns=layout.columns, verbose=layout.verbose)
        yield chain.from_iterable(run.section(name) for name in LEFT_OUT)

    def _all_advice(self, run: CheckedRun, advice: Counter[str]) -> Iterator[str]:
        """Write a line for each check, and with `verbose` each piece of advice below it."""
        layout = self._layout
        verbose = layout.verbose
        yield layout.paint("bold", "advice") + ("\n" if verbose else " (--verbose lists each)\n")
        room = max(len(f"{count:,}") for count in advice.values())
        names = max(map(len, advice))
        about = {check.id: check.summary for check in all_checks()}
        for check, count in sorted(advice.items(), key=lambda item: (-item[1], item[0])):
            start = f"  {count:>{room},}  "
            hanging = len(start) + names + 2
            if layout.columns - hanging < _NARROWEST:
                hanging = 6
                yield f"{start}{layout.check(check)}\n"
                yield from (
                    f"{' ' * hanging}{text}\n" for text in wrap(about[check], layout.columns - hanging)
                )
            else:
                head, *others = wrap(about[check], layout.columns - hanging)
                yield f"{start}{layout.check(check)}{' ' * (names - len(check) + 2)}{head}\n"
                yield _text(" " * hanging + text for text in others)
            if verbose:
                group = f"{_ADVICE}{check}"
                yield from (entry.text for entry in run.entries() if entry.group == group)


def render(
    result: Checked,
    *,
    color: bool = False,
    columns: int = 160,
    verbose: bool = False,
    quiet: bool = False,
) -> str:
    """Write the whole report of a result."""
    report = TextReport(color=color, columns=columns, verbose=verbose, quiet=quiet)
    return "".join(report.write(run_of(result, report.render(segment_of(result)))))


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _is_advice(located: Located) -> bool:
    """Tell advice that is counted; what describes an object, as a policy, is shown like a finding."""
    finding = located.finding
    return finding.advice and finding.severity is Severity.NOTE and not (finding.heading or finding.details)


@cache
def _across() -> frozenset[str]:
    return frozenset(check.id for check in all_checks() if isinstance(check, AcrossCheck))
