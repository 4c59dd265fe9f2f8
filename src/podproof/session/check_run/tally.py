"""Counts the findings of a run by what they are about: a report that renders no text for people.

A run with it has to be asked for a tally (`Selection.tally`); the counts come out of it when it is over.
"""

from collections import Counter

import msgspec

from ...findings import Severity
from ...manifest.surrogates import unescape
from ...results.checked import Located
from ...results.fingerprint import Subject, subject_of
from ...results.segment import CheckedRun, RenderedFinding, RenderedSegment, Segment

__all__ = ["DescribedTallyReport", "Description", "TallyReport", "descriptions_of", "tally_of"]

_SECTION = "tally"
_SAID = "said"


class TallyReport:
    """Renders segments as their tallies."""

    question: tuple[object, ...] = ("tally",)
    wants_replacements: bool = False

    def render(self, segment: Segment) -> RenderedSegment:
        """Render the counts of a segment, where there are any."""
        if not segment.tally:
            return RenderedSegment()
        return RenderedSegment(sections={_SECTION: [_written(list(segment.tally.items()))]})

    def entry(self, page: int, located: Located) -> RenderedFinding | None:
        """Render a finding that only the whole run shows; None: it is ignored."""
        if located.suppression is not None:
            return None
        subject = subject_of(located.file, located.object, located.finding)
        place = located.place
        return RenderedFinding(page, place.line, place.column, None, _written([(subject, 1)]))

    def write(self, run: CheckedRun) -> tuple[str, ...]:  # noqa: ARG002 - the port's signature
        """Write nothing."""
        return ()


class Description(msgspec.Struct, frozen=True, array_like=True):
    """What the first finding about a subject says, and where."""

    severity: Severity
    message: str
    file: str
    line: int


class DescribedTallyReport(TallyReport):
    """Renders also what the findings say that are listed."""

    question: tuple[object, ...] = ("described tally",)
    wants_replacements: bool = False

    def render(self, segment: Segment) -> RenderedSegment:
        """Render the counts of a segment, and what its findings say."""
        rendered = super().render(segment)
        said = [
            _described(located)
            for page in segment.pages
            for located in page.findings
            if located.suppression is None
        ]
        if said:
            rendered.sections[_SAID] = [msgspec.json.encode(said).decode()]
        return rendered


def descriptions_of(run: CheckedRun) -> dict[Subject, Description]:
    """Give what is said about each subject, as far as findings about it are listed."""
    said: dict[Subject, Description] = {}
    for text in run.section(_SAID):
        for subject, description in msgspec.json.decode(text, type=list[tuple[Subject, Description]]):
            said.setdefault(subject, description)
    return said


def _described(located: Located) -> tuple[Subject, Description]:
    finding = located.finding
    message, file = unescape(finding.whole_message), unescape(located.file)
    description = Description(finding.severity, message, file, located.place.line)
    return subject_of(located.file, located.object, finding), description


def tally_of(run: CheckedRun) -> Counter[Subject]:
    """Count the findings of a run by subject."""
    counts: Counter[Subject] = Counter()
    for text in (*run.section(_SECTION), *(entry.text for entry in run.entries())):
        for subject, count in msgspec.json.decode(text, type=list[tuple[Subject, int]]):
            counts[subject] += count
    return counts


def _written(counts: list[tuple[Subject, int]]) -> str:
    return msgspec.json.encode(counts).decode()
