"""`check --diff-versions`: two versions come in, what changes between them goes out in text or JSON."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._formats import Destination
    from ._question import Question

__all__ = ["tell_changes"]

_FORMATS = ("text", "full", "json")


def tell_changes(
    question: "Question",
    range_: str,
    destinations: "Sequence[Destination]",
    *,
    kubernetes_version: str | None,
    fail_on: str,
    verbose: bool,
) -> int:
    """Compare versions and deliver what changes; returns the exit code.

    Raises UsageError: the range, or a format, is not one that serves; or another version is asked for.
    """
    from ..errors import UsageError
    from ..findings import Severity
    from ..outputs.sink import deliver
    from ..outputs.versions_text import render_versions, render_versions_json
    from ..session.check_versions import compare_versions, parse_range
    from .terminal import encode

    versions = parse_range(range_)
    if kubernetes_version:
        raise UsageError("--diff-versions names the versions: leave --kubernetes-version out")
    if "-" in question.paths:
        raise UsageError(
            "--diff-versions reads the manifests once for each version: write them to a file first"
        )
    for each in destinations:
        if each.format_ not in _FORMATS:
            raise UsageError(f"--diff-versions has no format {each.format_}: write text or json")
    judge = question.judge
    level = judge.level if judge.version == "latest" else f"{judge.level}:{judge.version}"
    changes = compare_versions(
        versions,
        question.find,
        question.judge_at,
        question.selection,
        level,
        jobs=question.jobs,
        cache=question.cache,
    )
    for each in destinations:
        parts: Iterable[bytes]
        if each.format_ == "json":
            parts = (render_versions_json(changes).encode(),)
        else:
            to_file = each.file is not None
            parts = (encode(text, to_file) for text in render_versions(changes, verbose=verbose))
        deliver(parts, each.file)
    if changes.undecided:
        return 4
    if fail_on != "never" and changes.appearing(Severity(fail_on)):
        return 1
    return 0 if changes.workloads else 3
