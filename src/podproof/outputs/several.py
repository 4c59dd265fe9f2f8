"""Writes one run of `check` in several formats: each segment is rendered for all of them while it is there.

What the formats rendered is kept as if it were one format's, tagged with the number of the format it is for.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ..results.checked import Located
from ..results.segment import CheckedRun, CheckReport, RenderedFinding, RenderedSegment, Segment

__all__ = ["SeveralReports"]

_FOR_ALL = "*"
"""The group of an entry that holds those of all formats: a finding that only the whole run shows."""


class SeveralReports:
    """Renders segments for each of the reports, which keep their order."""

    def __init__(self, reports: Sequence[CheckReport]) -> None:
        self._reports = tuple(reports)
        self.wants_replacements = any(report.wants_replacements for report in self._reports)
        self.question = ("several", *(report.question for report in self._reports))

    def render(self, segment: Segment) -> RenderedSegment:
        """Render a segment for each report."""
        entries: list[RenderedFinding] = []
        sections: dict[str, list[str]] = {}
        for number, report in enumerate(self._reports):
            rendered = report.render(segment)
            entries += [
                msgspec.structs.replace(entry, group=_tagged(number, entry.group))
                for entry in rendered.entries
            ]
            sections |= {_tagged(number, name): texts for name, texts in rendered.sections.items()}
        return RenderedSegment(entries, sections)

    def entry(self, page: int, located: Located) -> RenderedFinding | None:
        """Render one finding for each report, in one entry; None: no format has it."""
        rendered = [report.entry(page, located) for report in self._reports]
        if not any(rendered):
            return None
        text = json.dumps([None if entry is None else (entry.group, entry.text) for entry in rendered])
        return RenderedFinding(page, located.place.line, located.place.column, _FOR_ALL, text)

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the run in each format, one after the other."""
        for number in range(len(self._reports)):
            yield from self.write_one(number, run)

    def write_one(self, number: int, run: CheckedRun) -> Iterable[str]:
        """Write the run in one format, as its report would have written it alone."""
        one = msgspec.structs.replace(
            run,
            entries=lambda: _entries_of(number, run),
            section=lambda name: run.section(_tagged(number, name)),
        )
        return self._reports[number].write(one)


def _tagged(number: int, name: str | None) -> str:
    return str(number) if name is None else f"{number} {name}"


def _entries_of(number: int, run: CheckedRun) -> Iterator[RenderedFinding]:
    none = str(number)
    tag = f"{none} "
    for entry in run.entries():
        tagged = entry.group or ""
        if tagged == none:
            yield msgspec.structs.replace(entry, group=None)
        elif tagged.startswith(tag):
            yield msgspec.structs.replace(entry, group=tagged[len(tag) :])
        elif tagged == _FOR_ALL:
            known = json.loads(entry.text)[number]
            if known is not None:
                yield msgspec.structs.replace(entry, group=known[0], text=known[1])
