"""Prints what a command in a container has printed, and how it ended."""

import sys
from typing import TYPE_CHECKING

from ._messages import say

if TYPE_CHECKING:
    from ..runtimes.engine import ExecResult

__all__ = ["print_executed", "say_exit_code"]


def print_executed(executed: "ExecResult", *, raw: bool) -> None:
    """Print both streams, without what could steer a terminal unless `raw`."""
    from ..outputs.plain import program_output
    from ..outputs.sink import write_stdout

    stdout, stderr = executed.stdout, executed.stderr
    if not raw:
        stdout, stderr = program_output(stdout), program_output(stderr)
    write_stdout(stdout)
    if sys.stderr is not None:
        sys.stderr.buffer.write(stderr)
        sys.stderr.flush()
    if (stdout, stderr) != (executed.stdout, executed.stderr):
        say("note: colors and control characters of the command's output are left out; --raw prints them")


def say_exit_code(executed: "ExecResult") -> None:
    """Say in kubectl's words how the command ended, unless it ended well."""
    if executed.exit_code:
        say(f"command terminated with exit code {executed.exit_code}")
