"""Work in forked children: what is to be done goes in, a verdict or its answer comes out.

A child that needs more than its share of processor time was caught in a loop: the mistake is noticed.
"""

import contextlib
import os
import resource
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing import Pipe
from typing import Any, Literal, NoReturn, Self

import pytest
from _pytest.runner import runtestprotocol

__all__ = ["OPTIONS", "Progress", "Verdict", "in_a_fork", "run_child"]

OPTIONS = [
    "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest", "-m", "not slow",
    "--inline-snapshot", "disable", "--continue-on-collection-errors",
]  # fmt: skip
ELAPSED = 120.0  # seconds after which a test that sleeps is ended as well; generous, for loaded machines

Verdict = Literal["killed", "survived", "timeout", "unfit"]
_EXIT: dict[int, Verdict] = {0: "survived", 1: "killed", 3: "unfit"}


def _allowance(seconds: float) -> float:
    """Give the processor time that a test may take with a mistake that takes `seconds` without one."""
    return 2.0 + 5 * seconds


def run_child(work: Callable[[], int], seconds: float) -> Verdict:
    """Run `work` in a forked child and judge by what it returns: 0 survived, 1 killed, 3 unfit.

    `seconds` of processor time are what the child may use before it counts as caught in a loop; each test
    that it runs has its own.
    """
    child = os.fork()
    if child == 0:
        _in_child(work, seconds)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "timeout" if os.WTERMSIG(status) in {signal.SIGPROF, signal.SIGALRM} else "killed"
    return _EXIT.get(os.WEXITSTATUS(status), "killed")


def _limit(seconds: float) -> None:
    """End this process when it has used `seconds` of processor time, or slept for long."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds + ELAPSED)


def _in_child(work: Callable[[], int], seconds: float) -> NoReturn:
    outcome = 1
    try:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        _limit(seconds)
        most = 3 << 30  # bytes: a list that grows for ever ends here
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        with open(os.devnull, "r+b") as nothing:
            for stream in (0, 1, 2):
                os.dup2(nothing.fileno(), stream)
        outcome = work()
    except BaseException:  # noqa: BLE001 - whatever a mistake raises, it was noticed
        outcome = 1
    os._exit(outcome)


def in_a_fork(work: Callable[[], Any]) -> Any:
    """Work in a child and give what it returns; None when the child ends before that."""
    ours, theirs = Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            theirs.send(work())
        os._exit(0)
    theirs.close()
    try:
        return ours.recv()
    except EOFError:
        return None
    finally:
        os.waitpid(child, 0)


class Progress:
    """Runs tests in a child, and knows in its parent which was the last: `last`, from 0; -1 means none."""

    last = -1

    def __enter__(self) -> Self:
        self._parent, self._child = os.pipe()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._child)
        with open(self._parent, "rb") as numbers:
            last = numbers.read()[-2:]
        if last:
            self.last = int.from_bytes(last)

    def run(self, items: Sequence[pytest.Item], seconds: Mapping[str, float]) -> bool:
        """Run tests until one fails, and say whether one does; `seconds` are what each takes, by its id."""
        for at, (item, following) in enumerate(_pairs(items)):
            os.write(self._child, at.to_bytes(2))
            _limit(_allowance(seconds[item.nodeid]))
            if any(r.failed for r in runtestprotocol(item, log=False, nextitem=following)):
                return True
        return False


def _pairs(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)
