"""`podproof fix`: paths and options come in; a diff with reasons, a patch, or changed files go out."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from . import _options, _pod_options

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ..results.fixed import Fixed
    from ..session.fix.trial_engine import OpenTrials

HELP = """\b
podproof fix deploy/ --level restricted
podproof fix deploy/ --write
helm template . | podproof fix - | kubectl apply -f -

Show the smallest edits with which manifests reach a Pod Security level, and what each of them rests on.
Nothing is written without --write; comments and everything that an edit is not about stay as they are.

A change is one of three kinds: the process gets what it had (same), it gets less, which may break a program
that needs it (tighter), or a person has to confirm a value (guess).

PATH is a file, a folder or - for standard input, whose whole stream is then printed, mended.
"""

EPILOG = """\b
Exit codes; the first that applies:
  2  the command line or the configuration is wrong
  4  some input could not be read, or a file could not be edited safely; the rest was mended
  1  errors are left; with --check, something could be mended
  3  there was nothing to judge (0 for a stream, which was printed)
  0  nothing is left
"""

_RANGE = re.compile(r"([0-9]{1,10})-([0-9]{1,10})")


def _uid_range(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(value)
    if match is None:
        raise click.BadParameter("write FIRST-LAST, two users such as 10000-59999")
    return int(match[1]), int(match[2])


def _seconds(_context: click.Context, _parameter: click.Parameter, value: str) -> float:
    from ..kube.go_duration import parse_duration

    seconds = parse_duration(value)
    if seconds is None or seconds <= 0:
        raise click.BadParameter("write a duration such as 30s or 2m")
    return seconds


@click.command(name="fix", help=HELP, epilog=EPILOG)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(readable=False))
@click.option(
    "--level",
    metavar="LEVEL[:VERSION]",
    help="privileged, baseline or restricted, with a version such as 1.34.  [default: restricted:latest]",
)
@click.option("--write", is_flag=True, help="Write the changed files, each whole or not at all.")
@click.option(
    "--as",
    "as_",
    nargs=2,
    type=(click.Choice(["kustomize"]), str),
    metavar="kustomize DIR",
    help="Write a Kustomize component with a patch for each object to DIR, instead of changing files.",
)
@click.option("--check", is_flag=True, help="Exit with 1 where something could be mended; write nothing.")
@click.option(
    "--only",
    metavar="KIND,...",
    multiple=True,
    callback=_options.names,
    help="Make changes of these kinds only: same, tighter, guess.",
)
@click.option("--no-guess", is_flag=True, help="Make no changes that a person has to confirm.")
@click.option(
    "--uid-range",
    metavar="FIRST-LAST",
    default="10000-59999",
    show_default=True,
    callback=_uid_range,
    help="The users that may be guessed.",
)
@_options.kubernetes_version
@_options.feature_gates
@_options.runtime
@_options.images
@_options.node
@click.option(
    "--select", metavar="ID,...", multiple=True, callback=_options.names, help="Mend only these checks."
)
@click.option(
    "--ignore", metavar="ID,...", multiple=True, callback=_options.names, help="Do not mend these checks."
)
@click.option(
    "--all-advice",
    is_flag=True,
    help="Take up advice, too: make root file systems read-only, with volumes for what is written.",
)
@click.option(
    "--run",
    is_flag=True,
    help="Run workloads before and after, if their images are at hand, and take back what breaks them.",
)
@click.option(
    "--timeout",
    metavar="DURATION",
    default="60s",
    show_default=True,
    callback=_seconds,
    help="With --run: give each run so long to become ready.",
)
@_pod_options.image_archives
@_pod_options.max_image_size
@_pod_options.runtime_endpoint
@_pod_options.host_dangers
@_options.folders
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "patch", "json"]),
    help="text: a diff with reasons; patch: what git apply takes.  [default: text; with --output, patch]",
)
@_options.output
@_options.color
@_options.config
@_options.verbose
def command(
    paths: tuple[str, ...],
    level: str | None,
    write: bool,
    as_: tuple[str, str] | None,
    check: bool,
    only: tuple[str, ...],
    no_guess: bool,
    uid_range: tuple[int, int],
    kubernetes_version: str | None,
    feature_gates: tuple[str, ...],
    runtime: str | None,
    images: str | None,
    node: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    all_advice: bool,
    run: bool,
    timeout: float,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    hidden: bool,
    kustomize: bool,
    format_: str | None,
    output: str | None,
    color: str,
    config: str | None,
    verbose: bool,
    **trial: Any,
) -> int:
    """Plan the changes and deliver them; returns the exit code."""
    from contextlib import ExitStack
    from functools import partial
    from time import strftime

    from ..outputs.sink import deliver
    from ..session.facts import find_images, read_node
    from ..session.fix.options import make_fix_options
    from ..session.fix.pipeline import fix_manifests
    from ..session.fix.trial_seen import Interrupted
    from ..session.judging.settings import make_judge, make_selection
    from ..session.sources import collect
    from ._configuration import project_configuration
    from ._messages import note_level, note_version, progress, say
    from ._signals import caught_signals

    if as_ is not None and (write or check or output is not None):
        raise click.UsageError("--as goes without --write, --check and --output")
    stream = "-" in paths and format_ is None and as_ is None
    if write and (check or output is not None or "-" in paths or kustomize):
        raise click.UsageError("--write goes without --check, --output, --kustomize and standard input")
    if stream and (len(paths) > 1 or check or output is not None):
        raise click.UsageError("- goes alone, or with --format or --as: the mended stream is printed")
    if not run and trial["image_archive"]:
        raise click.UsageError("--image-archive goes with --run, which runs the images in it")
    options = make_fix_options(
        only, no_guess=no_guess, uid_range=uid_range, select=select, all_advice=all_advice
    )
    configuration = project_configuration(config)
    known = find_images(images or configuration.images_path)
    with ExitStack() as stack:
        caught = stack.enter_context(caught_signals()) if run else []
        opened = stack.enter_context(_open_trials(trial, timeout, caught)) if run else None
        judge = make_judge(
            configuration,
            level=level,
            kubernetes_version=kubernetes_version,
            runtime=runtime,
            images=known if opened is None else opened.images(known),
            node=read_node(node),
            feature_gates=feature_gates,
        )
        note_version(kubernetes_version or configuration.kubernetes_version)
        note_level(judge.level, judge.version)
        selection = make_selection(configuration, select=select, ignore=ignore, today=strftime("%Y-%m-%d"))
        found = collect(
            paths or (".",),
            include=include,
            exclude=(*configuration.exclude, *exclude),
            hidden=hidden,
            kustomize=kustomize,
        )
        make_trials = None if opened is None else partial(opened.trials, setting=judge.setting, told=progress)
        try:
            fixed = fix_manifests(
                found, judge, selection, options, in_text=as_ is None, make_trials=make_trials
            )
        except Interrupted:
            say("interrupted: nothing was written")
            return 128 + caught[0]
    if write:
        fixed = _write(fixed)
    if stream:
        deliver(fixed.stream, None)
        _say_reasons(fixed, verbose)
        code = _exit_code(fixed, check=False)
        return 0 if code == 3 else code  # a chart without workloads is no failure of its post-renderer
    if as_ is not None:
        return _write_component(fixed, as_[1], format_ or "text", color, verbose=verbose)
    chosen = format_ or ("text" if output is None else "patch")
    if chosen == "patch":
        _say_trials(fixed)
    to_file = output not in (None, "-")
    files = "changed" if write else "to change"
    deliver(_rendered(fixed, chosen, color, verbose=verbose, to_file=to_file, files=files), output)
    return _exit_code(fixed, check=check)


def _open_trials(
    options: dict[str, Any], timeout: float, caught: list[int]
) -> "AbstractContextManager[OpenTrials]":
    from ..session.fix.trial_engine import TrialOptions, open_trials
    from ._messages import progress

    asked = TrialOptions(
        archives=options["image_archive"],
        max_image_size=options["max_image_size"],
        endpoint=options["runtime_endpoint"],
        allow=_pod_options.allowed(options),
        timeout=timeout,
    )
    return open_trials(asked, progress=progress, interrupted=lambda: len(caught))


def _rendered(
    fixed: "Fixed", format_: str, color: str, *, verbose: bool, to_file: bool, files: str
) -> Iterable[bytes]:
    if format_ == "json":
        from ..outputs import fix_json

        return (fix_json.render(fixed),)
    from ..outputs.fix_text import patch, render
    from .terminal import color_wanted, encode, width

    if format_ == "patch":
        return (part.encode("utf-8", "surrogateescape") for part in patch(fixed))
    painted, columns = color_wanted(color, to_file=to_file), width(to_file)
    shown = render(fixed, color=painted, columns=columns, verbose=verbose, files=files)
    return (encode(part, to_file) for part in shown)


def _write_component(fixed: "Fixed", folder: str, format_: str, color: str, *, verbose: bool) -> int:
    """Write the patches, and say what they rest on; returns the exit code."""
    from ..outputs.fix_decisions import name_object
    from ..outputs.fix_kustomize import component
    from ..outputs.new_folder import write_folder
    from ..outputs.sink import deliver
    from ._messages import say

    written = component(fixed)
    if written.files:
        write_folder(folder, written.files)
    deliver(_rendered(fixed, format_, color, verbose=verbose, to_file=False, files=""), None)
    for one in written.untargeted:
        say(f"{one.file}:{one.object.line}: no patch for {name_object(one.object.object)}: {one.reason}")
    patches = len(written.files) - 1
    if patches > 0:
        say(f"wrote {patches} {'patch' if patches == 1 else 'patches'} to {folder}; list it under components")
    else:
        say(f"there is nothing to patch: {folder} was not written")
    return 4 if written.untargeted else _exit_code(fixed, check=False)


def _write(fixed: "Fixed") -> "Fixed":
    """Write the files that change; of those that cannot be written, the result says why."""
    import msgspec

    from ..errors import OutputError
    from ..outputs.rewrite import rewrite
    from ._messages import say

    files = []
    for file in fixed.files:
        if file.before != file.after:
            try:
                rewrite(file.file, file.before, file.after)
            except OutputError as error:
                say(str(error))
                file = msgspec.structs.replace(file, refused=str(error))
        files.append(file)
    return msgspec.structs.replace(fixed, files=tuple(files))


def _say_reasons(fixed: "Fixed", verbose: bool) -> None:
    """Name on standard error what is left, since the stream goes on to somebody else."""
    from ..outputs.fix_text import summary
    from ..outputs.paint import Paint
    from ._messages import say

    for file in fixed.files:
        if file.refused:
            say(f"{file.file}: not changed: {file.refused}")
        for each in file.objects:
            for entry in each.left:
                say(f"{file.file}:{entry.line}:{entry.column}: {entry.check}: {entry.message}")
            for decision in each.decisions if verbose else ():
                say(f"{file.file}:{each.line}: {decision.kind}: {decision.what}: {decision.why}")
    _say_trials(fixed)
    for lost in fixed.unreadable:
        say(f"{lost.file}:{lost.line}: {lost.reason}")
    say(summary(fixed, Paint(False)))


def _say_trials(fixed: "Fixed") -> None:
    """Name on standard error what was taken back and what was not shown, which a patch cannot hold."""
    from ._messages import say

    for file in fixed.files:
        for each in file.objects:
            for back in each.taken_back:
                say(f"{file.file}:{each.line}: taken back: {back.what}: {back.reason}")
            if each.trial is not None and each.trial.not_concluded:
                say(f"{file.file}:{each.line}: nothing is shown: {each.trial.not_concluded}")


def _exit_code(fixed: "Fixed", *, check: bool) -> int:
    if fixed.unreadable or any(file.refused for file in fixed.files):
        return 4
    if any(file.left for file in fixed.files):
        return 1
    if check and any(file.before != file.after for file in fixed.files):
        return 1
    return 0 if fixed.workloads else 3
