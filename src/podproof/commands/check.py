"""`podproof check`: paths and options come in, findings go out, and the exit code of what was found."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

import click

from . import _formats, _living, _options, _question

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
@_question.options
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
@_living.options
@_formats.option
@_options.output
@_options.color
@_options.verbose
@_options.show
def command(
    paths: tuple[str, ...],
    fail_on: str,
    strict: bool,
    baseline: str | None,
    diff_versions: str | None,
    diff_base: str | None,
    formats: tuple[tuple[str, str | None], ...],
    output: str | None,
    color: str,
    verbose: bool,
    show: Literal["findings", "statistics", "summary"] | None,
    **asked: Any,
) -> int:
    """Run the check and deliver its result; returns the exit code."""
    import msgspec

    from ..outputs.formats import ReportStyle
    from ..session.check_run.pipeline import run_check
    from ._circumstances import checked_facts
    from ._progress import counting

    destinations = _formats.choose_destinations(formats, output)
    question = _question.ask(paths, **asked)
    if diff_versions is not None:
        from ._versions import tell_changes

        return tell_changes(
            question,
            diff_versions,
            destinations,
            kubernetes_version=asked["kubernetes_version"],
            fail_on=fail_on,
            verbose=verbose,
        )
    outputs = _formats.Outputs(
        destinations, color, ReportStyle(verbose=verbose, fail_on=fail_on, show=show or "all")
    )
    named = ("runtime", "feature_gates", "images", "node", "select", "ignore")
    facts = checked_facts(
        question.configuration,
        paths,
        **{name: asked[name] for name in (*named, "include", "exclude", "hidden", "kustomize")},
        fail_on=None if fail_on == "error" else fail_on,
        strict=strict,
    )
    selection = _living.accept(question, baseline=baseline, diff_base=diff_base)
    with counting(question.find(), "checking", quiet=show == "findings") as counted:
        result = run_check(
            counted,
            question.judge,
            selection,
            outputs.report,
            jobs=question.jobs,
            cache=question.cache,
        )
    if outputs.for_programs:
        _name_unreadable(result.lost())
    code = _exit_code(result, fail_on, strict)
    command = ""
    if result.fixable:
        from ._fix_hint import fix_command

        command = fix_command(paths, asked)
    outputs.deliver(msgspec.structs.replace(result, exit_code=code, facts=facts, fix_command=command))
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
