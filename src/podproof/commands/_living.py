"""What `check` accepts of what it finds: a baseline, or another revision, come in as options.

`check` imports this module at its start, so it imports nothing but click.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ..session.judging.selection import Selection
    from ._question import Question

__all__ = ["accept", "options"]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--baseline", metavar="FILE", help="Accept the findings in FILE, as podproof baseline write made it."
    ),
    click.option(
        "--diff-versions",
        metavar="A..B",
        help="Tell instead what changes between Kubernetes versions, such as v1.24..v1.37.",
    ),
    click.option(
        "--diff-base", metavar="REF", help="Accept the findings of a git revision: report new ones."
    ),
)


def options(command: _Decorated) -> _Decorated:
    """Add the options that `accept` takes."""
    for option in reversed(_OPTIONS):  # click lists the last decorator applied first
        command = option(command)
    return command


def accept(question: "Question", *, baseline: str | None, diff_base: str | None) -> "Selection":
    """Accept what a baseline has, else the configuration's, and what a revision had.

    Raises UsageError: a file or a revision cannot be read; InputError: a file is not a baseline.
    """
    path = baseline or question.configuration.baseline_path
    if path is None and diff_base is None:
        return question.selection
    import msgspec

    from ..results.accepted import union

    accepted = []
    if path is not None:
        from ..session.baseline import load_baseline

        accepted.append(load_baseline(path))
    if diff_base is not None:
        from ..session.diff_base import accept_revision

        accepted.append(
            accept_revision(
                diff_base,
                question.paths,
                question.folders,
                question.judge,
                question.selection,
                jobs=question.jobs,
                cache=question.cache,
            )
        )
    return msgspec.structs.replace(question.selection, accepted=union(accepted))
