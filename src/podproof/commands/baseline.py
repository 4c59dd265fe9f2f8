"""`podproof baseline`: manifests come in, a file of accepted findings goes out, or what is left of it."""

from typing import TYPE_CHECKING, Any

import click

from . import _question

if TYPE_CHECKING:
    from ..session.baseline import AcceptedRun

DEFAULT_FILE = "podproof-baseline.jsonl"

HELP = """\b
podproof baseline write deploy/
podproof check deploy/ --baseline podproof-baseline.jsonl
podproof baseline prune deploy/

Accept what is found today, so that check fails only for what is new.

A baseline has a line for each finding that is accepted: object, container, check and field, and how many.
It does not change when lines move. podproof.toml may name it (baseline = "podproof-baseline.jsonl").
"""

WRITE_HELP = """\b
podproof baseline write deploy/ --level restricted

Write a baseline of everything that check would report. Ask with the options with which check is run.

Reasons that stand in the file already are kept. What the API server refuses and what will not start is not
accepted, unless --allow-ignoring-refusals is given here and to check.
"""

PRUNE_HELP = """\b
podproof baseline prune deploy/

Remove from a baseline what is not found any more. What is about objects that are not below PATH stays,
unless --absent is given; so does what was not asked for, because of --level, --select or --ignore.
"""


@click.group(name="baseline", help=HELP)
def command() -> None:
    """Hold the verbs about baselines."""


@command.command(name="write", help=WRITE_HELP, short_help="Accept everything that is found.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(readable=False))
@click.option(
    "-o", "--output", metavar="FILE", help=f"The baseline.  [default: podproof.toml's, or {DEFAULT_FILE}]"
)
@_question.options
def write(paths: tuple[str, ...], output: str | None, **asked: Any) -> int:
    """Write a baseline; returns 4 when some input could not be read or decided."""
    import os

    from ..results.accepted import Accepted
    from ..session.baseline import accept_all, load_baseline

    question = _question.ask(paths, **asked)
    path = output or question.configuration.baseline_path or DEFAULT_FILE
    before = load_baseline(path) if path != "-" and os.path.isfile(path) else Accepted()
    accepted = accept_all(
        question.find(),
        question.judge,
        question.selection,
        jobs=question.jobs,
        cache=question.cache,
        before=before,
    )
    _deliver(accepted, path)
    _say(f"{path}: {_findings(sum(finding.count for finding in accepted.findings))} accepted")
    now = {one.subject.fingerprint: one.count for one in accepted.findings}
    dropped = sum(max(0, one.count - now.get(fingerprint, 0)) for fingerprint, one in before.findings.items())
    if dropped:
        _say(f"{_findings(dropped)} accepted before and not any more, since nothing like it was found there")
    if accepted.left_out:
        _say(
            f"{_findings(accepted.left_out)} not accepted: the API server refuses them, or something will not"
            " start; mend that, or write with --allow-ignoring-refusals"
        )
    named = question.configuration.baseline_path
    if path != "-" and (named is None or os.path.abspath(named) != os.path.abspath(path)):
        _say(
            f'use it with podproof check --baseline {path}, or name it in podproof.toml: baseline = "{path}"'
        )
    return _exit_code(accepted)


@command.command(name="prune", help=PRUNE_HELP, short_help="Remove what is not found any more.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(readable=False))
@click.option(
    "--baseline", metavar="FILE", help=f"The baseline.  [default: podproof.toml's, or {DEFAULT_FILE}]"
)
@click.option(
    "--absent", is_flag=True, help="Remove also what is about objects that are not below PATH: all are named."
)
@_question.options
def prune_(paths: tuple[str, ...], baseline: str | None, absent: bool, **asked: Any) -> int:
    """Write the rest of a baseline; returns 4, and writes nothing, when not everything could be decided."""
    from ..session.baseline import load_baseline, prune

    question = _question.ask(paths, **asked)
    path = baseline or question.configuration.baseline_path or DEFAULT_FILE
    before = load_baseline(path)
    rest = prune(
        before,
        question.find(),
        question.judge,
        question.selection,
        absent=absent,
        jobs=question.jobs,
        cache=question.cache,
    )
    if rest.run.undecided:
        _say(f"{path}: nothing was removed, since not all manifests could be read or decided")
        return _exit_code(rest)
    removed = sum(one.count for one in before.findings.values()) - sum(one.count for one in rest.findings)
    if removed:
        _deliver(rest, path)
    _say(f"{path}: {_findings(removed)} removed")
    if rest.run.absent and not absent:
        from ..outputs.gone_lines import named_objects

        count = sum(one.count for one in rest.run.absent)
        _say(
            f"{_findings(count)} kept, of objects that are not here ({named_objects(rest.run.absent)}):"
            " --absent removes them too"
        )
    return 0


def _deliver(accepted: "AcceptedRun", path: str) -> None:
    from ..outputs.sink import deliver
    from ..results.baseline import write_baseline

    deliver((line.encode() for line in write_baseline(accepted.findings)), path)


def _exit_code(accepted: "AcceptedRun") -> int:
    for file, line, message in accepted.run.lost():
        _say(f"{file}:{line}: {message}")
    if accepted.run.undecided:
        return 4
    return 0 if accepted.run.summary.checked else 3


def _findings(number: int) -> str:
    return f"{number:,} finding{'' if number == 1 else 's'}"


def _say(message: str) -> None:
    from ._messages import say

    say(message)
