"""Names what a baseline accepts and is no longer there: findings come in, a line for each goes out."""

from collections.abc import Iterator, Sequence

from ..results.accepted import AcceptedFinding
from ..results.fingerprint import Subject
from ..results.segment import CheckedRun
from .object_names import object_name
from .paint import Paint
from .plain import one_line
from .wrapping import wrap

__all__ = ["gone_lines", "named_objects"]

_LISTED = 10
"""Findings that are named; --verbose names them all."""

_OBJECTS = 5
"""Objects that are named in a sentence."""


def gone_lines(run: CheckedRun, paint: Paint, *, columns: int, verbose: bool) -> Iterator[str]:
    """Write what `podproof baseline prune` would remove, and with `verbose` what it would keep."""
    if run.fixed:
        yield f"{paint('bold', 'no longer there')} (podproof baseline prune removes it from the baseline)\n"
        shown = run.fixed if verbose else run.fixed[:_LISTED]
        for finding in shown:
            first, *others = wrap(_words(finding), columns - 4)
            yield f"  {first}\n"
            yield from (f"    {line}\n" for line in others)
        left = sum(finding.count for finding in run.fixed[len(shown) :])
        if left:
            yield f"  and {left:,} more (--verbose lists them)\n"
    if verbose and run.absent:
        count = sum(finding.count for finding in run.absent)
        text = (
            f"the baseline also accepts {count:,} {'finding' if count == 1 else 'findings'} of objects that"
            f" are not here: {named_objects(run.absent)}"
        )
        yield from (f"{line}\n" for line in wrap(text, columns))


def named_objects(findings: Sequence[AcceptedFinding]) -> str:
    """Name the objects that findings are about, the first of many."""
    names = list(dict.fromkeys(_object(finding.subject) for finding in findings))
    more = len(names) - _OBJECTS
    return ", ".join((*names[:_OBJECTS], *([f"and {more:,} more"] if more > 0 else ())))


def _words(finding: AcceptedFinding) -> str:
    subject = finding.subject
    parts = [
        _object(subject),
        *([f"container {one_line(subject.container)}"] if subject.container_kind else ()),
        one_line(subject.check),
        *([one_line(subject.field)] if subject.field else ()),
    ]
    return " · ".join(parts) + (f" ({finding.count:,} times)" if finding.count > 1 else "")


def _object(subject: Subject) -> str:
    return object_name(subject.kind, subject.namespace, subject.name or subject.file)
