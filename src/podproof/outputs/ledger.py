"""The last lines of `check`: counts come in, what was read and found goes out in one line."""

from collections.abc import Iterator

from ..results.checked import Summary
from ..results.segment import CheckedRun
from .paint import Paint
from .plain import one_line, width
from .wrapping import wrap

__all__ = ["fix_lines", "found_words", "last_lines", "ledger", "read_words"]


def last_lines(
    run: CheckedRun, paint: Paint, *, begun: bool, verbose: bool = False, columns: int | None = None
) -> Iterator[str]:
    """Write what stands at the end of every report; `begun` tells that something stands above.

    The ledger takes several lines where it is wider than `columns`.
    """
    summary = run.summary
    if not summary.checked and not run.undecided and not summary.errors:
        hint = "" if verbose or not summary.skipped else " (--verbose lists what was skipped)"
        yield "\n" if begun else ""
        yield f"nothing to check was found{hint}\n"
        begun = True
    yield "\n" if begun else ""
    yield ledger(summary, paint, columns) + "\n"


def fix_lines(run: CheckedRun, columns: int) -> Iterator[str]:
    """Tell the way to the fixes there are; a command is never broken, since it is to be copied."""
    if not run.fixable or not run.fix_command:
        return
    command = one_line(run.fix_command)
    errors, fixable = run.summary.errors, run.fixable
    words = f"{fixable:,} of {_count(errors, 'error')} {'has' if fixable == 1 else 'have'} a fix"
    if len(words) + 2 + width(command) <= columns:
        yield f"{words}: {command}\n"
    else:
        yield f"{words}:\n{command}\n"


def ledger(summary: Summary, paint: Paint, columns: int | None = None) -> str:
    """Write the last line: what was read, what was found, how long it took; it is broken at `columns`."""
    read, found, duration = read_words(summary), found_words(summary, paint), _duration(summary.seconds)
    plain = len(found_words(summary, Paint(False)))
    if columns is None or len(read) + 4 + plain + 4 + len(duration) <= columns:
        return f"{read}    {found}    {duration}"
    together = plain + 4 + len(duration) <= columns
    return "\n".join((*wrap(read, columns), found + (f"    {duration}" if together else f"\n{duration}")))


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
