"""Writes a check's result as commands for GitHub's runner, which makes annotations of them.

GitHub shows ten errors, ten warnings and ten notices of a step, so findings of one severity on one line of an
object are one annotation, and those that matter most come first. A last line, which is no command, says what
is not shown.

Source: GitHub's documentation, "Workflow commands for GitHub Actions"; github.com/actions/toolkit,
packages/core/src/command.ts, for the escapes; github.com/actions/runner, src/Runner.Common/ActionCommand.cs,
which finds commands of an older form anywhere in a line; github.com/orgs/community/discussions/26680 for the
limits.
"""

from collections.abc import Iterator
from heapq import nsmallest
from itertools import groupby

from ..checks.model.catalogue import all_checks
from ..checks.model.check import Check
from ..checks.model.pod_security import PodSecurityCheck
from ..results.segment import CheckedRun
from .ledger import found_words, read_words
from .paint import Paint
from .repository_paths import is_file
from .rows import FindingRow, ObjectRow, Rows, objects, shorten

__all__ = ["GitHubReport"]

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}

_MOST = 10
"""Annotations of one kind that GitHub shows of a step."""

_MOST_TITLE = 200
_MOST_MESSAGE = 4_000

_Annotation = tuple[ObjectRow, list[FindingRow]]


class GitHubReport(Rows):
    """Annotations, then one line for the log."""

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the annotations of each kind, the most important first."""
        ranks = {check.id: _rank(check) for check in all_checks()}
        hidden: list[str] = []
        for severity in _COMMANDS:
            ranked = (
                (min(ranks.get(row.check, 0) for row in rows), at, about, rows)
                for at, (about, rows) in enumerate(_annotations(run, severity))
            )
            chosen = nsmallest(_MOST, ranked, key=lambda each: each[:2])
            for _, _, about, rows in chosen:
                yield _command(severity, about, rows)
            total = getattr(run.summary, f"{severity}s")
            left = total - sum(len(rows) for _, _, _, rows in chosen)
            if left:
                hidden.append(f"{left:,} {severity if left == 1 else f'{severity}s'}")
        summary = run.summary
        yield f"podproof: {read_words(summary)}    {found_words(summary, Paint(color=False))}\n"
        if hidden:
            why = f"without annotations, since GitHub shows {_MOST} of a kind"
            yield f"podproof: {why}: {', '.join(hidden)}\n"


def _annotations(run: CheckedRun, severity: str) -> Iterator[_Annotation]:
    """Give what is found of one severity on each line of each object, in order."""
    for about, findings in objects(run):
        rows = [row for row in findings if row.severity == severity and not row.suppressed]
        for _, together in groupby(rows, key=lambda row: row.line):
            yield about, list(together)


def _rank(check: Check) -> int:
    """Say how early findings come: what does not run at all, then baseline, restricted, and the rest."""
    if isinstance(check, PodSecurityCheck):
        return 1 if check.level == "baseline" else 2
    return 3 if check.kind in ("effect", "advice") and check.id != "will-not-start" else 0


def _command(severity: str, about: ObjectRow, rows: list[FindingRow]) -> str:
    first = rows[0]
    checks = ", ".join(dict.fromkeys(row.check for row in rows))
    title = f"{checks} ({about.name})" if about.name else checks
    properties = {"title": shorten(_harmless(title), _MOST_TITLE)}
    if is_file(about.file):
        properties = {"file": _harmless(about.file), "line": str(first.line)} | properties
        if len(rows) == 1:
            properties["col"] = str(first.column)
    written = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    message = shorten(_harmless("\n".join(row.message for row in rows)), _MOST_MESSAGE)
    return f"::{_COMMANDS[severity]} {written}::{_escape(message)}\n"


def _harmless(text: str) -> str:
    """Break what would begin a command of the older form, wherever it stands."""
    return text.replace("##[", "# #[")


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
