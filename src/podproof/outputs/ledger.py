"""The last line of `check`: counts come in, what was read and found goes out in one line."""

from ..results.checked import Summary
from .paint import Paint

__all__ = ["found_words", "ledger", "read_words"]


def ledger(summary: Summary, paint: Paint) -> str:
    """Write the last line: what was read, what was found, how long it took."""
    return f"{read_words(summary)}    {found_words(summary, paint)}    {_duration(summary.seconds)}"


def read_words(summary: Summary) -> str:
    """Say what was read, and what of it was checked."""
    checked = [_count(summary.workloads, "workload"), _count(summary.containers, "container")]
    if summary.policies:
        checked.append(f"{summary.policies:,} {'policy' if summary.policies == 1 else 'policies'}")
    return " · ".join(
        (
            _count(summary.files, "file"),
            _count(summary.documents, "document"),
            f"{', '.join(checked)} checked",
            _count(summary.other_objects, "other object"),
            *([_count(summary.patterns, "pattern")] if summary.patterns else ()),
            f"{summary.skipped:,} skipped",
            *([f"{summary.not_judged:,} not judged"] if summary.not_judged else ()),
        )
    )


def found_words(summary: Summary, paint: Paint) -> str:
    """Say how much was found of each severity, and how much of it is accepted."""
    counts = [
        paint("error" if summary.errors else "bold", _count(summary.errors, "error")),
        paint("warning" if summary.warnings else "bold", _count(summary.warnings, "warning")),
    ]
    if summary.notes:
        counts.append(paint("note", _count(summary.notes, "note")))
    counts += [
        f"{number:,} {word}"
        for number, word in (
            (summary.ignored, "ignored"),
            (summary.baselined, "in the baseline"),
            (summary.fixed, "no longer there"),
        )
        if number
    ]
    return ", ".join(counts)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
