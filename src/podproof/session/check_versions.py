"""Compares Kubernetes versions for some manifests: each version is judged, and what differs goes out.

Only what two versions beside each other found is held at once. A finding is known again by what it is about,
so that other words for it are no change.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from ..errors import UsageError
from ..findings import Severity
from ..kube.versions import BETA, parse_version
from ..results.fingerprint import Subject
from ..results.version_changes import VERSIONS_SCHEMA, VersionChange, VersionChanges
from .baseline import Found
from .check_run.pipeline import run_check
from .check_run.tally import DescribedTallyReport, Description, descriptions_of, tally_of
from .judging.judge import Judge
from .judging.selection import Selection

__all__ = ["compare_versions", "parse_range"]

_Side = tuple[dict[Subject, int], dict[Subject, Description]]
_NOTHING = Description(Severity.NOTE, "", "", 1)


def parse_range(text: str) -> tuple[str, ...]:
    """Read `v1.24..v1.37` and give all versions from the first to the last.

    Raises UsageError: it is not two versions, the older first, that are known.
    """
    first, dots, last = text.partition("..")
    if not dots:
        raise UsageError(f"--diff-versions {text}: write two versions, such as v1.24..v1.37")
    begin, end = parse_version(first), parse_version(last)
    if begin >= end:
        raise UsageError(f"--diff-versions {text}: write the older version first, such as v1.24..v1.37")
    if _minor(last) not in (None, end):
        raise UsageError(f"--diff-versions {text}: {last} is not known yet; the newest is v1.{BETA}")
    return tuple(f"v1.{minor}" for minor in range(begin, end + 1))


def _minor(text: str) -> int | None:
    """Give the N of a version that may be newer than every known one; None: it is written otherwise."""
    number = text.removeprefix("v").split(".")[1:2]
    return int(number[0]) if number and number[0].isdigit() else None


def compare_versions(
    versions: Sequence[str],
    find: Callable[[], Found],
    judge_at: Callable[[str], Judge],
    selection: Selection,
    level: str,
    *,
    jobs: int | None = None,
    cache: str | None = None,
) -> VersionChanges:
    """Judge at each version what `find` finds anew each time; `judge_at` makes the judge of a version."""
    from msgspec.structs import replace

    asked = replace(selection, tally="all", accepted=None)
    judged = partial(run_check, report=DescribedTallyReport(), jobs=jobs, cache=cache)
    changes: list[VersionChange] = []
    before: _Side | None = None
    undecided = workloads = 0
    for version in versions:
        run = judged(find(), judge_at(version), asked)
        side = tally_of(run), descriptions_of(run)
        if before is not None:
            changes += _changes(version, before, side)
        before = side
        undecided = max(undecided, run.undecided)
        workloads = max(workloads, run.summary.checked)
    return VersionChanges(VERSIONS_SCHEMA, level, tuple(versions), workloads, tuple(changes), undecided)


def _changes(since: str, before: _Side, now: _Side) -> Iterator[VersionChange]:
    """Give what differs, by check and then as the manifests have it."""
    found = []
    for subject in dict.fromkeys((*before[0], *now[0])):
        difference = now[0].get(subject, 0) - before[0].get(subject, 0)
        if difference:
            where = (now if difference > 0 else before)[1].get(subject, _NOTHING)
            found.append((subject, difference, where))
    order = list(Severity)
    found.sort(key=lambda one: (order.index(one[2].severity), one[0].check))
    for subject, difference, where in found:
        yield VersionChange(
            since,
            "appears" if difference > 0 else "disappears",
            subject.check,
            where.severity,
            subject.kind,
            subject.group,
            subject.namespace,
            subject.name,
            subject.container,
            subject.field,
            abs(difference),
            where.file,
            where.line,
            where.message,
        )
