"""Writes a check's result as Markdown for a comment on a pull request: the verdict, a table, folded details.

GitHub takes 65,536 characters; what does not fit is counted, and what matters least is left out first. All
that manifests say stands in code: nothing in it becomes a link, an image, a mention, a row or HTML.

Source: GitHub Flavored Markdown Spec, "Code spans", "Tables (extension)" and "HTML blocks".
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html import escape

from ..results.segment import CheckedRun
from .ledger import found_words, read_words
from .markdown_text import MARK, MOST, MOST_NAME, Room, code
from .paint import Paint
from .rows import FindingRow, ObjectRow, Rows, objects, shorten

__all__ = ["MarkdownReport"]

_MOST_TABLE = 20_000
"""Units of the table, so that there is room for details."""

_RESERVED = 14_000
"""Units that what stands behind the details may take."""

_ROWS = 25
"""Findings of one object that its details show."""

_ASIDE = 10
"""Inputs of a kind that were not checked and are named."""

_MOST_MESSAGE = 300


class MarkdownReport(Rows):
    """One comment, whose length is limited."""

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the comment, piece by piece."""
        room = Room(MOST - _RESERVED)
        for text in (MARK, f"### {_verdict(run)}\n\n", f"{_scope(run)}\n"):
            room.take(text)
            yield text
        yield from _table(run, Room(_MOST_TABLE, room))
        yield from _details(run, room)
        yield from _rest(run)


def _verdict(run: CheckedRun) -> str:
    summary = run.summary
    asked = f"`{run.level}:{run.version}`"
    if run.undecided:
        count = f"{run.undecided:,} {'input' if run.undecided == 1 else 'inputs'}"
        return f"Podproof: incomplete, {count} could not be read or decided"
    if summary.errors:
        words = f"{summary.errors:,} {'error' if summary.errors == 1 else 'errors'}"
        return f"Podproof: {words} at {asked}"
    if not summary.checked:
        return "Podproof: nothing to check was found"
    if run.exit_code:
        return f"Podproof: failed, without errors at {asked}"
    return f"Podproof: no errors at {asked}"


def _scope(run: CheckedRun) -> str:
    found = found_words(run.summary, Paint(color=False))
    return f"{found}. Kubernetes {run.kubernetes_version} · {read_words(run.summary)}.\n"


def _counted(about: ObjectRow, findings: list[FindingRow]) -> tuple[int, int]:
    """Count errors and warnings that are not accepted."""
    counts = Counter(row.severity for row in findings if not row.suppressed)
    for more in about.unlisted:
        counts[more.severity] += more.count
    return counts["error"], counts["warning"]


def _matters(run: CheckedRun) -> Iterator[tuple[ObjectRow, list[FindingRow]]]:
    """Give objects with errors, then those with warnings only."""
    ranks: tuple[Callable[[int, int], bool], ...] = (
        lambda errors, _: errors > 0,
        lambda errors, warnings: not errors and warnings > 0,
    )
    for rank in ranks:
        for about, findings in objects(run):
            if rank(*_counted(about, findings)):
                yield about, findings


def _table(run: CheckedRun, room: Room) -> Iterator[str]:
    head = "| Object | Place | Pod Security | Errors | Warnings |\n|---|---|---|--:|--:|\n"
    begun = False
    left = 0
    for about, findings in _matters(run):
        errors, warnings = _counted(about, findings)
        row = (
            f"| {code(about.name or '(the whole file)')} | {code(f'{about.file}:{about.line}')}"
            f" | {about.verdict or '–'} | {errors:,} | {warnings:,} |\n"
        )
        if not room.take(row if begun else head + row):
            left += 1
            continue
        yield row if begun else head + row
        begun = True
    if left:
        yield f"\n{left:,} more {'object has' if left == 1 else 'objects have'} errors or warnings.\n"


def _details(run: CheckedRun, room: Room) -> Iterator[str]:
    left = 0
    for about, findings in _matters(run):
        text = _detail(about, findings)
        if not room.take(text):
            left += 1
            continue
        yield text
    if left:
        objects_left = "object" if left == 1 else "objects"
        yield f"\nThe details of {left:,} {objects_left} are left out: there is no room.\n"


def _detail(about: ObjectRow, findings: list[FindingRow]) -> str:
    rows = [row for row in findings if not row.suppressed and row.severity != "note"]
    rows.sort(key=lambda row: row.severity)  # errors first; their order stays
    lines = [
        f"| {row.line}:{row.column} | {row.severity} | `{row.check}` | {code(row.message, _MOST_MESSAGE)} |"
        for row in rows[:_ROWS]
    ]
    more = len(rows) - len(lines) + sum(each.count for each in about.unlisted if each.severity != "note")
    name = escape(shorten(about.name or about.file, MOST_NAME))
    return "\n".join(
        (
            f"\n<details><summary><code>{name}</code></summary>\n",
            "| Line | Severity | Check | Message |",
            "|--:|---|---|---|",
            *lines,
            *([f"\n{more:,} more are not shown."] if more > 0 else ()),
            "\n</details>\n",
        )
    )


def _rest(run: CheckedRun) -> Iterator[str]:
    """Say what stands in no table: advice by check, and what was not checked, with the first of it."""
    advice: Counter[str] = Counter()
    asides: dict[str, list[ObjectRow]] = {"Not judged": [], "Skipped": []}
    counts: Counter[str] = Counter()
    for about, findings in objects(run):
        advice.update(row.check for row in findings if row.severity == "note" and not row.suppressed)
        for more in about.unlisted:
            if more.severity == "note":
                advice[more.check] += more.count
        kind = "Skipped" if about.skipped else "Not judged" if about.not_judged else ""
        if kind:
            counts[kind] += 1
            if len(asides[kind]) < _ASIDE:
                asides[kind].append(about)
    if advice:
        named = ", ".join(f"`{check}` {count:,}" for check, count in sorted(advice.items()))
        yield f"\nAdvice: {named}.\n"
    for kind, listed in asides.items():
        if listed:
            yield from _aside(f"{kind}: {counts[kind]:,}", listed, counts[kind])


def _aside(title: str, listed: Iterable[ObjectRow], count: int) -> Iterator[str]:
    yield f"\n<details><summary>{title}</summary>\n\n"
    for about in listed:
        count -= 1
        reason = about.skipped or about.not_judged
        yield f"- {code(f'{about.file}:{about.line}')} {code(reason, MOST_NAME)}\n"
    if count:
        yield f"- and {count:,} more\n"
    yield "\n</details>\n"
