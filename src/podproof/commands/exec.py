"""`podproof exec`: a command in a container of a kept pod, as kubectl exec runs it, with its exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from . import _kept
from ._options import WithCommand, behind_dashes

if TYPE_CHECKING:
    from ..outputs.program_stream import ProgramStream
    from ..session.run.kept_exec import ExecStreams

HELP = """\b
podproof exec web -- id
podproof exec -it web -- sh
podproof exec deployment/web -c app -i -- tar x < files.tar

Run a command in a container of a pod that podproof run --keep left running, and end with its exit code.

NAME is a pod's name, or KIND/NAME of the workload that made it.
"""


@click.command(name="exec", cls=WithCommand, help=HELP)
@click.argument("name", metavar="NAME")
@_kept.namespace
@_kept.container
@click.option("-i", "--stdin", is_flag=True, help="Pass standard input on to the command.")
@click.option("-t", "--tty", is_flag=True, help="Give the command this terminal, as it is (--raw).")
@_kept.raw
@click.pass_context
def command(
    context: click.Context,
    name: str,
    namespace: str | None,
    container: str | None,
    stdin: bool,
    tty: bool,
    raw: bool,
) -> int:
    """Run the command; returns its exit code."""
    from ..errors import UsageError
    from ..outputs.program_stream import ProgramStream
    from ..session.run.kept_exec import exec_in_kept
    from ..session.run.kept_logs import chosen
    from ._executed import say_exit_code, say_left_out, write_stderr, write_stdout
    from ._messages import say
    from ._signals import caught_signals

    behind = behind_dashes(context)
    if not behind:
        raise UsageError(f"exec needs a command: podproof exec {name} -- COMMAND")
    kept, _ = _kept.one_kept(name, namespace)
    target = chosen(kept, container, say)
    if tty and not (sys.stdin is not None and sys.stdin.isatty()):
        say("unable to use a TTY: standard input is not a terminal")
        tty = False
    shown = {
        "stdout": ProgramStream(write_stdout, raw=raw or tty),
        "stderr": ProgramStream(write_stderr, raw=raw or tty),
    }
    with caught_signals() as caught, _terminal(raw=tty and stdin):
        code = exec_in_kept(kept, target, behind, _streams(shown, stdin, tty), lambda: len(caught))
        for stream in shown.values():
            stream.flush(whole=True)
    if code is None:
        return 128 + caught[0]
    if any(stream.changed for stream in shown.values()):
        say_left_out()
    say_exit_code(code)
    return code


def _streams(shown: "dict[str, ProgramStream]", stdin: bool, tty: bool) -> "ExecStreams":
    from ..session.run.kept_exec import ExecStreams

    def idle() -> None:
        for stream in shown.values():
            stream.flush()

    return ExecStreams(
        write=lambda name, data: shown[name].feed(data),
        idle=idle,
        read=(lambda: os.read(0, 32 * 1024)) if stdin else None,
        size=_size if tty else None,
    )


def _size() -> tuple[int, int]:
    columns, rows = os.get_terminal_size(0)
    return columns, rows


@contextmanager
def _terminal(*, raw: bool) -> Iterator[None]:
    """Let every key reach the command while the block runs, Ctrl-C too."""
    if not raw:
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
