"""Writes how much `check` found instead of what: counts by check, by level and by folder, and the last line.

What was found comes in, segment by segment; the counts of a segment are kept as one short text.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from posixpath import dirname

from ..checks.model.catalogue import all_checks
from ..policies.levels import LEVELS
from ..results.checked import Located
from ..results.segment import CheckedRun, RenderedFinding, RenderedSegment, Segment
from .ledger import last_lines
from .paint import Paint
from .plain import one_line
from .wrapping import cut

__all__ = ["StatisticsReport"]

_FOLDERS = 30
"""Folders that are listed, those with most errors first; `verbose` lists all."""

_SECTION = "counts"

_SEVERITIES = ("error", "warning", "note")


class StatisticsReport:
    """Counts findings and workloads; without `tables`, only what workloads meet is shown."""

    wants_replacements = False

    def __init__(
        self, *, color: bool = False, columns: int = 160, verbose: bool = False, tables: bool = True
    ) -> None:
        self._paint = Paint(color)
        self._columns = columns
        self._verbose = verbose
        self._tables = tables
        self.question = ("statistics",)

    def render(self, segment: Segment) -> RenderedSegment:
        """Count what one segment has."""
        findings: Counter[tuple[str, str, str]] = Counter()
        levels: Counter[str] = Counter()
        for page in segment.pages:
            findings.update(_key(located) for located in page.findings if located.suppression is None)
            for entry in page.unlisted:
                if not entry.suppressed:
                    findings[entry.check, entry.severity.value, _folder(entry.file)] += entry.count
            for pod in page.objects:
                levels["undecided" if pod.pod_security is None else pod.pod_security.meets] += 1
        if not findings and not levels:
            return RenderedSegment()
        text = json.dumps([[[*key, count] for key, count in findings.items()], levels])
        return RenderedSegment([], {_SECTION: [text]})

    def entry(self, page: int, located: Located) -> RenderedFinding | None:
        """Count one finding; None: it does not count."""
        if located.suppression is not None:
            return None
        place = located.place
        return RenderedFinding(page, place.line, place.column, None, json.dumps(_key(located)))

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the tables and the last line."""
        checks: Counter[tuple[str, str]] = Counter()
        folders: dict[str, Counter[str]] = {}
        levels: Counter[str] = Counter()

        def add(check: str, severity: str, folder: str, count: int) -> None:
            checks[severity, check] += count
            folders.setdefault(folder, Counter())[severity] += count

        for text in run.section(_SECTION):
            counted, met = json.loads(text)
            levels.update(met)
            for row in counted:
                add(*row)
        for entry in run.entries():
            check, severity, folder = json.loads(entry.text)
            add(check, severity, folder, 1)
        begun = False
        if self._tables and checks:
            yield from self._by_check(checks)
            yield "\n"
        if levels:
            begun = True
            yield from self._by_level(levels)
        if self._tables and folders:
            yield "\n"
            yield from self._by_folder(folders)
        yield from last_lines(run, self._paint, begun=begun, columns=self._columns)

    def _by_check(self, checks: Counter[tuple[str, str]]) -> Iterator[str]:
        about = {check.id: check.summary for check in all_checks()}
        rows = sorted(checks.items(), key=lambda row: (_SEVERITIES.index(row[0][0]), -row[1], row[0][1]))
        room = max(len(f"{count:,}") for count in checks.values())
        names = max(len(check) for _, check in checks)
        yield self._paint("bold", "by check") + "\n"
        for (severity, check), count in rows:
            plain = f"  {severity:<7}  {count:>{room},}  {check:<{names}}  "
            left = self._columns - len(plain)
            summary = cut(about[check], left) if left > 20 else ""
            line = plain.replace(severity, self._paint(severity, severity), 1)
            yield f"{line}{summary}".rstrip() + "\n"

    def _by_level(self, levels: Counter[str]) -> Iterator[str]:
        yield self._paint("bold", "workloads by the strictest level that they meet") + "\n"
        room = max(len(f"{count:,}") for count in levels.values())
        for level in (*reversed(LEVELS), "undecided"):
            if levels[level]:
                yield f"  {levels[level]:>{room},}  {level}\n"

    def _by_folder(self, folders: dict[str, Counter[str]]) -> Iterator[str]:
        heads = [f"{severity}s" for severity in _SEVERITIES]
        yield self._paint("bold", "by folder") + "\n"
        ordered = sorted(
            folders.items(), key=lambda row: (*(-row[1][severity] for severity in _SEVERITIES), row[0])
        )
        shown = ordered if self._verbose else ordered[:_FOLDERS]
        yield _row(heads, "folder")
        for folder, counts in shown:
            yield _row((f"{counts[severity]:,}" for severity in _SEVERITIES), one_line(folder))
        if len(ordered) > len(shown):
            yield f"  and {len(ordered) - len(shown):,} more folders (--verbose lists them)\n"


def _row(counts: Iterable[str], folder: str) -> str:
    return f"  {'  '.join(f'{count:>8}' for count in counts)}  {folder}\n"


def _key(located: Located) -> tuple[str, str, str]:
    return located.finding.check, located.finding.severity.value, _folder(located.file)


def _folder(file: str) -> str:
    return dirname(file) or "."
