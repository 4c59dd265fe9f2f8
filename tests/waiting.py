"""Waits for what is to happen instead of for a time: a busy machine is slower, never red."""

import fcntl
import os
import signal
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

_Value = TypeVar("_Value")

PATIENCE = 300.0
"""Seconds after which what was waited for counts as never coming; no test that passes gets near them."""


def wait_until(
    condition: Callable[[], _Value], what: str, *, seconds: float = PATIENCE, pause: float = 0.02
) -> _Value:
    """Ask again and again until the answer is true, and give it. `what` says what was waited for.

    Raises AssertionError with `what` and the last answer when it does not come in `seconds`.
    """
    limit = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < limit, f"{what} did not come in {seconds:g} s, but {answer!r}"
        time.sleep(pause)
    return answer


def is_drained(pipe: IO[bytes]) -> bool:
    """Whether the other end has read all that was written to a pipe. Source: pipe(7), FIONREAD."""
    waiting = fcntl.ioctl(pipe.fileno(), termios.FIONREAD, bytes(4))
    return int.from_bytes(waiting, sys.byteorder) == 0


def freeze(pid: int) -> None:
    """Stop a process where it is; its threads take the signal when each is next on a processor."""
    os.kill(pid, signal.SIGSTOP)
    tasks = Path(f"/proc/{pid}/task")

    def states() -> set[str]:
        """Source: proc_pid_stat(5)."""
        return {path.read_text().rpartition(") ")[2][0] for path in tasks.glob("*/stat")}

    wait_until(lambda: states() == {"T"}, f"process {pid} to be stopped")
