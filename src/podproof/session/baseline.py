"""Writes and prunes baselines: what is to be checked comes in, the findings to accept go out.

Who accepts findings says what of them is left out: refusals of the API server are accepted only if that is
allowed. This module writes no file.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from ..errors import UsageError
from ..inputs.files import read_named
from ..inputs.input import SkippedInput, UnreadableInput
from ..manifest.limits import Limits
from ..results.accepted import Accepted, AcceptedFinding
from ..results.baseline import read_baseline
from ..results.segment import CheckedRun
from .check_run.pipeline import run_check
from .check_run.tally import TallyReport, tally_of
from .judging.judge import Judge
from .judging.selection import Selection
from .sources import FoundFile, Unread

__all__ = ["AcceptedRun", "Found", "accept_all", "load_baseline", "prune"]

Found = Iterable[Unread | FoundFile | SkippedInput | UnreadableInput]

_LIMITS = Limits(max_bytes=64 * 1024 * 1024, max_seconds=5.0)


def load_baseline(path: str) -> Accepted:
    """Read a baseline.

    Raises InputError: it is none, see `read_baseline`. UsageError: the file cannot be read.
    """
    try:
        data = read_named(path, _LIMITS)
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read baseline {path}: {words}") from error
    return read_baseline(path, data)


class AcceptedRun(msgspec.Struct, frozen=True):
    """What is accepted after a run; `run` has its counts, `left_out` counts what may not be accepted."""

    findings: tuple[AcceptedFinding, ...]
    run: CheckedRun
    left_out: int = 0


def accept_all(
    found: Found,
    judge: Judge,
    selection: Selection,
    *,
    jobs: int | None,
    cache: str | None,
    before: Accepted | None = None,
) -> AcceptedRun:
    """Accept everything that is found and not ignored; the reasons of an earlier baseline are kept."""
    run = _tally(found, judge, selection, jobs=jobs, cache=cache)
    counts = tally_of(run)
    reasons = (
        {} if before is None else {key: one.reason for key, one in before.findings.items() if one.reason}
    )
    findings = tuple(
        AcceptedFinding(subject, count, reasons.get(subject.fingerprint, "") if reasons else "")
        for subject, count in counts.items()
    )
    summary = run.summary
    counted = summary.errors + summary.warnings + summary.notes - len(list(run.lost()))
    return AcceptedRun(findings, run, max(0, counted - sum(counts.values())))


def prune(
    accepted: Accepted,
    found: Found,
    judge: Judge,
    selection: Selection,
    *,
    absent: bool,
    jobs: int | None,
    cache: str | None,
) -> AcceptedRun:
    """Keep of a baseline what is still found, and what is not known of: see `CheckedRun.fixed`.

    With `absent`, what is about objects that are not among those found goes, too.
    """
    known = msgspec.structs.replace(accepted, refusals=True)
    asked = msgspec.structs.replace(selection, accepted=known)
    run = run_check(found, judge, asked, TallyReport(), jobs=jobs, cache=cache)
    removed = {one.subject.fingerprint: one.count for one in (*run.fixed, *(run.absent if absent else ()))}
    return AcceptedRun(tuple(_without(accepted, removed)), run)


def _without(accepted: Accepted, removed: Mapping[str, int]) -> Iterator[AcceptedFinding]:
    for fingerprint, finding in accepted.findings.items():
        count = finding.count - removed.get(fingerprint, 0)
        if count:
            yield msgspec.structs.replace(finding, count=count)


def _tally(
    found: Found, judge: Judge, selection: Selection, *, jobs: int | None, cache: str | None
) -> CheckedRun:
    asked = msgspec.structs.replace(selection, tally="acceptable", accepted=None)
    return run_check(found, judge, asked, TallyReport(), jobs=jobs, cache=cache)
