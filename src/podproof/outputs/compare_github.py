"""`admit --compare` as annotations of a pull request: differences come in, GitHub's commands go out."""

from ..results.compared import CHANGE_KINDS, ChangedWorkload, ChangeKind, Changes, describe_answer
from .github_commands import AnnotationKind, annotation, limited
from .plain import one_line
from .repository_paths import RepositoryPaths

__all__ = ["render_github"]

_COMMANDS: dict[ChangeKind, AnnotationKind] = {
    "newly denied": "error",
    "newly denied later": "warning",
    "newly allowed": "notice",
    "denied differently": "notice",
}


def render_github(changes: Changes, paths: RepositoryPaths) -> str:
    """Write an error for each workload that is newly denied, less for others, ten of each, and a sum."""
    found: dict[AnnotationKind, list[str]] = {"error": [], "warning": [], "notice": []}
    for problem in changes.problems:
        found["error"].append(annotation("error", one_line(problem), "(could not be compared)", "<stdin>", 1))
    for workload in sorted(changes.workloads, key=lambda one: CHANGE_KINDS.index(one.kind)):
        kind = _COMMANDS[workload.kind]
        found[kind].append(_annotation(kind, workload, changes.sides, paths))
    counted = ", ".join(f"{changes.count(kind):,} {kind}" for kind in CHANGE_KINDS)
    return "".join(limited(found, f"{changes.compared:,} requests compared    {counted}"))


def _annotation(
    kind: AnnotationKind, workload: ChangedWorkload, sides: tuple[str, str], paths: RepositoryPaths
) -> str:
    change = workload.leading
    answers = (change.old, change.new)
    said = (f"{side}: {describe_answer(answer)}" for side, answer in zip(sides, answers, strict=True))
    message = "\n".join(map(one_line, said))
    title = one_line(f"{workload.name}: {change.verdict}")
    submission = change.new.submission
    return annotation(kind, message, title, one_line(paths.shown(submission.file)), submission.line)
