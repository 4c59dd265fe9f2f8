"""Findings as rows below their objects: what formats for the pages of a pipeline are written from.

A segment comes in, and plain rows go out, to be kept until the run is whole; `objects` reads them back, one
object at a time with all that is said of it. Texts of manifests are made printable here, so that no format
has to care about controls and bidirectional marks.
"""

from collections.abc import Iterable, Iterator

import msgspec

from ..results.checked import CheckedObject, Located, NotJudged, ObjectRef, Skipped
from ..results.fingerprint import fingerprint
from ..results.segment import CheckedRun, Page, RenderedFinding, RenderedSegment, Segment
from .dumps import lead_with_rule
from .object_names import object_name
from .plain import one_line
from .repository_paths import RepositoryPaths

__all__ = [
    "FindingRow",
    "ObjectRow",
    "Rows",
    "UnlistedRow",
    "byte_size",
    "not_judged_words",
    "objects",
    "shorten",
]

_OBJECT = "object"


class FindingRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A finding. `container` and `suppressed` are "" where there is none; the latter says who accepts it."""

    check: str
    severity: str
    line: int
    column: int
    message: str
    container: str
    fingerprint: str
    suppressed: str = ""


class UnlistedRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How many more findings of one check there are about an object."""

    check: str
    severity: str
    count: int


class ObjectRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An object of which something is known, or a whole input; `name` is "" for what is no object.

    `pods` counts its pods. `verdict` says what they meet, "" where that is not known; `skipped` and
    `not_judged` say why that was so, "" where it was not.
    """

    file: str
    line: int
    name: str
    pods: int = 0
    verdict: str = ""
    not_judged: str = ""
    skipped: str = ""
    unlisted: tuple[UnlistedRow, ...] = ()


class Rows:
    """Renders segments as rows; a format derives from it and writes them."""

    wants_replacements = False

    def __init__(self, paths: RepositoryPaths) -> None:
        self._paths = paths
        self.question = ("rows", paths.root, paths.folder)

    def render(self, segment: Segment) -> RenderedSegment:
        """Render a row for each object that matters, and behind it those of its findings."""
        entries: list[RenderedFinding] = []
        pages = segment.pages
        for number, page in enumerate(pages):
            row = self._object(page)
            if row is not None:
                entries.append(RenderedFinding(number, 0, 0, _OBJECT, _encode(row)))
            entries += [self.entry(number, located) for located in page.findings]
        lost = {(file, line, message) for file, line, message in segment.lost}
        for number, skipped in enumerate(segment.skipped, len(pages)):
            if (skipped.file, skipped.line, skipped.reason) not in lost:
                entries.append(RenderedFinding(number, 0, 0, _OBJECT, _encode(self._skipped(skipped))))
        return RenderedSegment(entries)

    def entry(self, page: int, located: Located) -> RenderedFinding:
        """Render the row of one finding."""
        finding, place = located.finding, located.place
        suppression = located.suppression
        suppressed = ""
        if suppression is not None:
            said = suppression.reason or "in the baseline"
            suppressed = one_line(
                said if suppression.kind == "baseline" else f"ignored: {suppression.reason}"
            )
        row = FindingRow(
            finding.check,
            finding.severity.value,
            place.line,
            place.column,
            one_line(lead_with_rule(finding.whole_message)),
            "" if finding.container is None else one_line(finding.container.name),
            fingerprint(located),
            suppressed,
        )
        return RenderedFinding(page, place.line, place.column, None, _encode(row))

    def _object(self, page: Page) -> ObjectRow | None:
        aside = page.not_judged or page.pattern
        about = next(
            (
                entry
                for entry in (*page.objects[:1], aside, *page.findings[:1], *page.unlisted[:1])
                if entry is not None
            ),
            None,
        )
        if about is None:
            return None
        reasons = ""
        if page.not_judged is not None:
            reasons = not_judged_words(page.not_judged)
        elif page.pattern is not None:
            reasons = page.pattern.reason
        return ObjectRow(
            one_line(self._paths.shown(about.file)),
            about.place.line if isinstance(about, Located) else about.line,
            _named(about.object),
            len(page.objects),
            _verdict(page.objects),
            one_line(reasons),
            unlisted=tuple(
                UnlistedRow(entry.check, entry.severity.value, entry.count)
                for entry in page.unlisted
                if not entry.suppressed
            ),
        )

    def _skipped(self, skipped: Skipped) -> ObjectRow:
        file = one_line(self._paths.shown(skipped.file))
        return ObjectRow(file, skipped.line, "", skipped=one_line(skipped.reason))


def objects(run: CheckedRun) -> Iterator[tuple[ObjectRow, list[FindingRow]]]:
    """Give each object of a run, in order, with its findings."""
    about: ObjectRow | None = None
    findings: list[FindingRow] = []
    for entry in run.entries():
        if entry.group != _OBJECT:
            findings.append(_FINDING.decode(entry.text))
            continue
        if about is not None:
            yield about, findings
        about, findings = _ABOUT.decode(entry.text), []
    if about is not None:
        yield about, findings


_FINDING = msgspec.json.Decoder(FindingRow)
_ABOUT = msgspec.json.Decoder(ObjectRow)


def shorten(text: str, most: int) -> str:
    """Cut a text that is longer than `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def byte_size(text: str) -> int:
    """Count the bytes of a printable text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def not_judged_words(entry: NotJudged) -> str:
    """Say which fields of an object were not judged, and what is known of the reason."""
    more = [f"{entry.places - len(entry.routes):,} more"] if entry.places > len(entry.routes) else []
    return "; ".join((", ".join((*entry.routes, *more)), *entry.reasons))


def _encode(row: FindingRow | ObjectRow) -> str:
    return msgspec.json.encode(row).decode()


def _named(named: ObjectRef | None) -> str:
    """Name an object by kind, namespace and name, as far as it says them; "" for a whole input."""
    if named is None:
        return ""
    return object_name(named.kind or "object", named.namespace, named.name)


def _verdict(pods: Iterable[CheckedObject]) -> str:
    """Say which level an object's pods meet, and what the next ones lack: of its worst pod."""
    worst = (0, 0)
    text = ""
    for pod in pods:
        verdict = pod.pod_security
        if verdict is None:
            return ""
        lacking = (verdict.lacking.baseline or 0, verdict.lacking.restricted or 0)
        if not text or lacking > worst:
            worst = lacking
            levels = zip(("baseline", "restricted"), lacking, strict=True)
            lacked = [f"{level} lacks {count}" for level, count in levels if count]
            text = "; ".join((f"meets {verdict.meets}", *lacked))
    return text
