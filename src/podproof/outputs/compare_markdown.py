"""`admit --compare` as a comment on a pull request: differences come in, Markdown goes out."""

from ..results.compared import CHANGE_KINDS, Change, ChangedWorkload, Changes, describe_answer
from .markdown_text import MARK, MOST, Room, code
from .plain import one_line
from .repository_paths import RepositoryPaths

__all__ = ["render_markdown"]

_MOST_ANSWER = 400
_RESERVED = 2_000


def render_markdown(changes: Changes, paths: RepositoryPaths) -> str:
    """Write the verdict, then each workload whose verdict changes, with what both sides say."""
    newly = changes.newly_denied
    words = f"{newly:,} {'workload' if newly == 1 else 'workloads'} newly denied"
    verdict = words if newly else "nothing is newly denied"
    if changes.problems:
        verdict = f"incomplete, {len(changes.problems):,} could not be compared; {verdict}"
    elif not changes.compared:
        verdict = "there was nothing to compare"
    old, new = map(code, changes.sides)
    counted = ", ".join(f"{changes.count(kind):,} {kind}" for kind in CHANGE_KINDS)
    head = (
        f"{MARK}### Podproof: {verdict}\n\n{old} → {new}: {counted}."
        f" {changes.compared:,} requests compared, {changes.denied_by_both:,} denied by both.\n"
    )
    room = Room(MOST - _RESERVED)
    room.take(head)
    workloads = sorted(changes.workloads, key=lambda workload: CHANGE_KINDS.index(workload.kind))
    if not workloads:
        return head
    title = f"\n| Workload | Place | Change | {old} | {new} |\n|---|---|---|---|---|\n"
    room.take(title)
    rows = [_row(workload, paths) for workload in workloads]
    taken = [row for row in rows if room.take(row)]
    left = len(rows) - len(taken)
    more = f"\n{left:,} more {'workload changes' if left == 1 else 'workloads change'}.\n" if left else ""
    return "".join((head, title, *taken, more))


def _row(workload: ChangedWorkload, paths: RepositoryPaths) -> str:
    change = workload.leading
    submission = change.new.submission
    namespace = f" in {change.new.namespace}" if change.new.namespace else ""
    cells = (
        code(one_line(f"{workload.name}{namespace}")),
        code(one_line(f"{paths.shown(submission.file)}:{submission.line}")),
        change.verdict,
        *(code(said, _MOST_ANSWER) for said in _said(change)),
    )
    return f"| {' | '.join(cells)} |\n"


def _said(change: Change) -> tuple[str, str]:
    return one_line(describe_answer(change.old)), one_line(describe_answer(change.new))
