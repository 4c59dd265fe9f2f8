"""What counts as worse after changes: a table of findings before and after, and of what was written."""

import pytest

from podproof.edits.edit import Edit
from podproof.findings import ContainerRef, Finding, Route, Severity
from podproof.fixes.change import PlannedChange
from podproof.session.fix.worse import find_worse

A, B = ContainerRef("a", "container"), ContainerRef("b", "container")
HERE: Route = ("spec", "x")
CONTROL = "run-as-non-root"
ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


def found(
    check: str = "invalid-value",
    message: str = "old",
    severity: Severity = ERROR,
    route: Route = HERE,
    container: ContainerRef | None = A,
) -> Finding:
    return Finding(check, severity, message, route=route, container=container)


def change(operation: str, route: Route = HERE) -> PlannedChange:
    edit = Edit(route, "set", 1) if operation == "set" else Edit(route, "remove")
    return PlannedChange("tighter", (edit,), "", "", ())


SET, REMOVE = (change("set"),), (change("remove"),)

CASES: dict[str, tuple[list[Finding], list[Finding], tuple[PlannedChange, ...], int]] = {
    "nothing new": ([found()], [found()], SET, 0),
    "something gone": ([found()], [], SET, 0),
    "an error": ([], [found()], (), 1),
    "a warning": ([], [found(severity=WARNING)], (), 1),
    "a note": ([], [found(severity=NOTE)], (), 0),
    "one more": ([found()], [found(), found()], (), 1),
    "another container": ([found()], [found(container=B)], (), 1),
    "another check": ([found()], [found("missing-value")], (), 1),
    "other words, where nothing is written": ([found()], [found(message="new")], (), 0),
    "other words, where a value is written": ([found()], [found(message="new")], SET, 1),
    "other words, where a value goes": ([found()], [found(message="new")], REMOVE, 0),
    "other words, written elsewhere": ([found()], [found(message="new")], (change("set", ("spec",)),), 0),
    "words of another before": ([found(message="new"), found()], [found(message="new")], SET, 0),
    "other words of a warning": (
        [found(severity=WARNING)], [found(severity=WARNING, message="new")], SET, 0,
    ),
    "a control of another container": ([found(CONTROL)], [found(CONTROL, container=B)], (), 0),
    "a control once more": ([found(CONTROL)], [found(CONTROL), found(CONTROL)], (), 1),
    "other words of a control": ([found(CONTROL)], [found(CONTROL, "new")], SET, 0),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "made", "worse"), CASES.values(), ids=CASES)
def test_what_is_worse(
    before: list[Finding], after: list[Finding], made: tuple[PlannedChange, ...], worse: int
) -> None:
    new = find_worse(before, after, made)
    assert len(new) == worse
    assert new == after[len(after) - worse :]
