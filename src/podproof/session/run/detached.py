"""A command whose process goes on when the command is over: a function goes in, its exit code comes out.

The function runs in a process of its own from the beginning, since neither threads nor connections survive a
fork. Until it reports an exit code, the command waits, passes signals on, and ends it by ending.
"""

import ctypes
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ...errors import OutputError

__all__ = ["Report", "run_detached"]

_PR_SET_PDEATHSIG = 1
"""Source: linux/prctl.h."""

Report = Callable[[int, Path], None]
"""Takes the exit code and a file: from then on what is printed goes there, and the command is over."""


def run_detached(work: Callable[[Report], int]) -> int:
    """Run `work` in another process; the code that it reports, or returns.

    Whatever ends `work` before it has reported is raised, in that process alone, which then ends by itself.
    Raises OutputError: no other process can be made.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    reader, writer = _pipe()
    try:
        parent, child = os.getpid(), os.fork()
    except OSError as error:
        raise OutputError(f"cannot start a process that keeps the pods: {error.strerror or error}") from error
    if child == 0:
        os.close(reader)
        _leave(parent, writer)
        return work(lambda code, log: _report(writer, code, log))
    os.close(writer)
    with _passing_on(child), os.fdopen(reader, "rb") as words:
        answer = words.read()
        if answer:
            return int(answer)
        # its own message has been printed: it shares the streams
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return code if code >= 0 else 128 - code


def _pipe() -> tuple[int, int]:
    """Make a pipe whose ends are not among the streams, any of which may have been closed."""
    ends = []
    for end in os.pipe():
        ends.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3))
        os.close(end)
    return ends[0], ends[1]


def _leave(parent: int, writer: int) -> None:
    """Leave the terminal and what else was inherited; end with the parent, by SIGTERM, until the report."""
    os.setsid()
    os.closerange(3, writer)
    os.closerange(writer + 1, os.sysconf("SC_OPEN_MAX"))
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def _report(writer: int, code: int, log: Path) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, 0, 0, 0, 0)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError):  # the reader has gone: the pods are kept all the same
                stream.flush()
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    try:
        written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError:
        written = nothing
    for number, target in ((0, nothing), (1, written), (2, written)):
        os.dup2(target, number)
    with suppress(BrokenPipeError):
        os.write(writer, str(code).encode())
    os.close(writer)


@contextmanager
def _passing_on(child: int) -> Iterator[None]:
    """Pass signals on to the other process, which the terminal does not reach."""

    def take(number: int, _frame: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(child, number)

    before = {number: signal.signal(number, take) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
