"""Prints what a command in a container has printed, and how it ended."""

import sys
from typing import TYPE_CHECKING

from ._messages import say

if TYPE_CHECKING:
    from ..runtimes.engine import ExecResult

__all__ = ["print_executed", "say_exit_code", "say_left_out", "write_stderr", "write_stdout"]


def print_executed(executed: "ExecResult", *, raw: bool) -> None:
    """Print both streams, without what could steer a terminal unless `raw`."""
    from ..outputs.plain import program_output

    stdout, stderr = executed.stdout, executed.stderr
    if not raw:
        stdout, stderr = program_output(stdout), program_output(stderr)
    write_stdout(stdout)
    write_stderr(stderr)
    if (stdout, stderr) != (executed.stdout, executed.stderr):
        say_left_out()


def write_stdout(data: bytes) -> None:
    """Write to standard output at once."""
    from ..outputs import sink

    sink.write_stdout(data)


def write_stderr(data: bytes) -> None:
    """Write to standard error at once; nothing where it is closed."""
    if sys.stderr is not None:
        sys.stderr.buffer.write(data)
        sys.stderr.flush()


def say_left_out() -> None:
    """Say that what was printed is not all of what the command printed."""
    say("note: colors and control characters of the command's output are left out; --raw prints them")


def say_exit_code(code: int) -> None:
    """Say in kubectl's words how the command ended, unless it ended well."""
    if code:
        say(f"command terminated with exit code {code}")
