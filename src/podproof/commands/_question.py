"""What several verbs ask of manifests, as options: they come in, a judge and what it is to look at go out.

`check` imports this module at its start, so it imports nothing but click.
"""

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from . import _options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..inputs.input import SkippedInput, UnreadableInput
    from ..session.config import ProjectConfiguration
    from ..session.judging.judge import Judge
    from ..session.judging.selection import Selection
    from ..session.sources import FoundFile, Unread

__all__ = ["Question", "ask", "options"]

_Decorated = TypeVar("_Decorated", bound="Callable[..., Any]")

_OPTIONS = (
    click.option(
        "--level",
        metavar="LEVEL[:VERSION]",
        help="privileged, baseline or restricted, with a version such as 1.34.  [default: restricted:latest]",
    ),
    _options.kubernetes_version,
    _options.feature_gates,
    _options.runtime,
    _options.images,
    _options.node,
    click.option(
        "--select", metavar="ID,...", multiple=True, callback=_options.names, help="Report only these checks."
    ),
    click.option(
        "--ignore",
        metavar="ID,...",
        multiple=True,
        callback=_options.names,
        help="Do not report these checks.",
    ),
    _options.allow_ignoring_refusals,
    _options.folders,
    click.option(
        "--jobs",
        metavar="N",
        type=click.IntRange(1, 64),
        help="Check in N processes.  [default: one for each processor, if there are many files]",
    ),
    click.option("--cache", metavar="DIR", help="Keep what is found in DIR, for the next run."),
    _options.config,
)


def options(command: _Decorated) -> _Decorated:
    """Add the options that `ask` takes."""
    for option in reversed(_OPTIONS):  # click lists the last decorator applied first
        command = option(command)
    return command


class Question(NamedTuple):
    """Who judges, what is reported, and where it is looked for."""

    configuration: "ProjectConfiguration"
    judge: "Judge"
    selection: "Selection"
    paths: "Sequence[str]"
    folders: "dict[str, Any]"
    jobs: int | None
    cache: str | None
    judge_at: "Callable[[str], Judge]"
    """Makes the judge of another Kubernetes version, at its version of the level unless one was named."""

    def find(self) -> "Iterable[Unread | FoundFile | SkippedInput | UnreadableInput]":
        """Find the files, each time anew."""
        from ..session.sources import find_unread

        return find_unread(self.paths, **self.folders)


def ask(
    paths: "Sequence[str]",
    *,
    level: str | None,
    kubernetes_version: str | None,
    feature_gates: tuple[str, ...],
    runtime: str | None,
    images: str | None,
    node: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    allow_ignoring_refusals: bool,
    jobs: int | None,
    cache: str | None,
    config: str | None,
    **folders: Any,
) -> Question:
    """Read what the options name. Raises UsageError: one of them is wrong, or the configuration is."""
    from functools import partial
    from time import strftime

    from ..session.facts import find_images, read_node
    from ..session.judging.settings import make_judge, make_selection
    from ._configuration import project_configuration
    from ._messages import note_level, note_version

    configuration = project_configuration(config)
    make = partial(
        make_judge,
        configuration,
        runtime=runtime,
        images=find_images(images or configuration.images_path),
        node=read_node(node),
        feature_gates=feature_gates,
    )
    judge = make(level=level, kubernetes_version=kubernetes_version)

    def judge_at(version: str) -> "Judge":
        named = level if judge.version != "latest" else f"{judge.level}:{version}"
        return make(level=named, kubernetes_version=version)

    note_version(kubernetes_version or configuration.kubernetes_version)
    note_level(judge.level, judge.version)
    selection = make_selection(
        configuration,
        select=select,
        ignore=ignore,
        today=strftime("%Y-%m-%d"),
        ignoring_refusals=allow_ignoring_refusals,
    )
    folders = {**folders, "exclude": (*configuration.exclude, *folders["exclude"])}
    return Question(
        configuration, judge, selection, paths or (".",), folders, jobs or configuration.jobs, cache, judge_at
    )
