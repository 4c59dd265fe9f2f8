"""`podproof check`: paths and options come in, findings go out, and the exit code of what was found."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from . import _formats, _options

if TYPE_CHECKING:
    from ..results.segment import CheckedRun

HELP = """\b
podproof check deploy/ --level baseline
helm template . | podproof check -

Check manifests: would the API server accept them, do their pods meet a Pod Security level, will they start,
and does each security setting have an effect?

PATH is a file, a folder (searched for .yaml, .yml and .json) or - for standard input; without a PATH, the
current folder is checked.
"""

EPILOG = """\b
Exit codes; the first that applies:
  2  the command line or the configuration is wrong
  4  some input could not be read or decided, or with --strict was not judged; the rest was checked
  1  findings at or above --fail-on
  3  there was nothing to check
  0  everything was read, and there are no such findings
"""


@click.command(name="check", help=HELP, epilog=EPILOG)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(readable=False))
@click.option(
    "--level",
    metavar="LEVEL[:VERSION]",
    help="privileged, baseline or restricted, with a version such as 1.34.  [default: restricted:latest]",
)
@_options.kubernetes_version
@_options.feature_gates
@_options.runtime
@_options.images
@_options.node
@click.option(
    "--select", metavar="ID,...", multiple=True, callback=_options.names, help="Report only these checks."
)
@click.option(
    "--ignore", metavar="ID,...", multiple=True, callback=_options.names, help="Do not report these checks."
)
@_options.allow_ignoring_refusals
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    default="error",
    show_default=True,
    help="The lowest severity that makes the exit code 1.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 4 where something that looks like container security was not judged.",
)
@_options.folders
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 64),
    help="Check in N processes.  [default: one for each processor, if there are many files]",
)
@click.option("--cache", metavar="DIR", help="Keep what is found in DIR, for the next run.")
@_formats.option
@_options.output
@_options.color
@_options.config
@_options.verbose
def command(
    paths: tuple[str, ...],
    level: str | None,
    kubernetes_version: str | None,
    feature_gates: tuple[str, ...],
    runtime: str | None,
    images: str | None,
    node: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    allow_ignoring_refusals: bool,
    fail_on: str,
    strict: bool,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    hidden: bool,
    kustomize: bool,
    jobs: int | None,
    cache: str | None,
    formats: tuple[tuple[str, str | None], ...],
    output: str | None,
    color: str,
    config: str | None,
    verbose: bool,
) -> int:
    """Run the check and deliver its result; returns the exit code."""
    from time import strftime

    import msgspec

    from ..outputs.formats import ReportStyle
    from ..session.check_run.pipeline import run_check
    from ..session.facts import find_images, read_node
    from ..session.judging.settings import make_judge, make_selection
    from ..session.sources import find_unread
    from ._circumstances import checked_facts
    from ._configuration import project_configuration
    from ._messages import note_level, note_version
    from ._progress import counting

    destinations = _formats.choose_destinations(formats, output)
    configuration = project_configuration(config)
    judge = make_judge(
        configuration,
        level=level,
        kubernetes_version=kubernetes_version,
        runtime=runtime,
        images=find_images(images or configuration.images_path),
        node=read_node(node),
        feature_gates=feature_gates,
    )
    note_version(kubernetes_version or configuration.kubernetes_version)
    note_level(judge.level, judge.version)
    selection = make_selection(
        configuration,
        select=select,
        ignore=ignore,
        today=strftime("%Y-%m-%d"),
        ignoring_refusals=allow_ignoring_refusals,
    )
    style = ReportStyle(verbose=verbose, fail_on=fail_on)
    outputs = _formats.Outputs(destinations, color, style)
    facts = checked_facts(
        configuration,
        paths,
        runtime=runtime,
        feature_gates=feature_gates,
        images=images,
        node=node,
        select=select,
        ignore=ignore,
        include=include,
        exclude=exclude,
        hidden=hidden,
        kustomize=kustomize,
        fail_on=None if fail_on == "error" else fail_on,
        strict=strict,
    )
    found = find_unread(
        paths or (".",),
        include=include,
        exclude=(*configuration.exclude, *exclude),
        hidden=hidden,
        kustomize=kustomize,
    )
    with counting(found, "checking") as counted:
        result = run_check(
            counted, judge, selection, outputs.report, jobs=jobs or configuration.jobs, cache=cache
        )
    if outputs.for_programs:
        _name_unreadable(result.lost())
    code = _exit_code(result, fail_on, strict)
    outputs.deliver(msgspec.structs.replace(result, exit_code=code, facts=facts))
    return code


def _exit_code(run: "CheckedRun", fail_on: str, strict: bool) -> int:
    from ..findings import Severity

    if run.undecided or (strict and run.summary.not_judged):
        return 4
    if fail_on != "never" and run.summary.at_or_above(Severity(fail_on)):
        return 1
    return 0 if run.summary.checked else 3


def _name_unreadable(unreadable: Iterable[tuple[str, int, str]]) -> None:
    """Name on standard error what could not be read, since a script may only look at the exit code."""
    from ._messages import say

    for file, line, message in unreadable:
        say(f"{file}:{line}: {message}")
