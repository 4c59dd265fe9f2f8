"""Writes a check's result as commands for GitHub's runner, which makes annotations of them.

GitHub shows ten errors, ten warnings and ten notices of a step, so findings of one severity on one line of an
object are one annotation, and those that matter most come first. A last line, which is no command, says what
is not shown.
"""

from collections.abc import Iterator
from heapq import nsmallest
from itertools import groupby
from typing import Literal

from ..checks.model.catalogue import all_checks
from ..checks.model.check import Check
from ..checks.model.pod_security import PodSecurityCheck
from ..results.segment import CheckedRun
from .github_commands import MOST_SHOWN, annotation
from .ledger import found_words, read_words
from .paint import Paint
from .rows import FindingRow, ObjectRow, Rows, objects

__all__ = ["GitHubReport"]

_COMMANDS: dict[str, Literal["error", "warning", "notice"]] = {
    "error": "error",
    "warning": "warning",
    "note": "notice",
}

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
            chosen = nsmallest(MOST_SHOWN, ranked, key=lambda each: each[:2])
            for _, _, about, rows in chosen:
                yield _command(severity, about, rows)
            total = getattr(run.summary, f"{severity}s")
            left = total - sum(len(rows) for _, _, _, rows in chosen)
            if left:
                hidden.append(f"{left:,} {severity if left == 1 else f'{severity}s'}")
        summary = run.summary
        yield f"podproof: {read_words(summary)}    {found_words(summary, Paint(color=False))}\n"
        if hidden:
            why = f"without annotations, since GitHub shows {MOST_SHOWN} of a kind"
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
    checks = ", ".join(dict.fromkeys(row.check for row in rows))
    title = f"{checks} ({about.name})" if about.name else checks
    column = rows[0].column if len(rows) == 1 else None
    message = "\n".join(row.message for row in rows)
    return annotation(_COMMANDS[severity], message, title, about.file, rows[0].line, column)
