"""Several processes that serve on the same sockets, and one that looks after them.

A number and what each process does come in, and nothing goes out until all have ended as told. A worker that
ends by itself is replaced, later each time it happens soon after the last. Workers are forked, so that they
share the memory of what was read before, and told to stop when the one that looks after them is gone.
"""

import contextlib
import ctypes
import gc
import os
import signal
import time
import traceback
from collections.abc import Callable

from .metrics_folder import forget_worker

__all__ = ["run_workers"]

_HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
_PR_SET_PDEATHSIG = 1
"""Source: linux/prctl.h."""
LONGEST_WAIT = 30.0
"""Seconds between two starts of a worker that keeps ending."""


def run_workers(number: int, work: Callable[[], None], tell: Callable[[str], None]) -> None:
    """Run `work` in `number` processes until SIGTERM or SIGINT, which are passed on.

    One alone runs in this process. `tell` is given a line for each worker that ends by itself.
    """
    if number == 1:
        work()
        return
    gc.freeze()  # what the workers share is not copied by looking for garbage in it
    _WorkerKeeper(number, work, tell).run()


class _WorkerKeeper:
    """Keeps the workers running."""

    def __init__(self, number: int, work: Callable[[], None], tell: Callable[[str], None]) -> None:
        self._number, self._work, self._tell = number, work, tell
        self._started: dict[int, float] = {}
        """When each worker began, by its process id."""
        self._due: list[float] = []
        """When workers are to be started in place of those that have ended."""
        self._failures = 0

    def run(self) -> None:
        """Start all, replace what ends, and end when told."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        for _ in range(self._number):
            self._start()
        while True:
            wait = max(0.0, min(self._due) - time.monotonic()) if self._due else LONGEST_WAIT
            came = signal.sigtimedwait(_HANDLED, wait)
            if came is not None and came.si_signo != signal.SIGCHLD:
                break
            self._reap()
            now = time.monotonic()
            for _ in [due for due in self._due if due <= now]:
                self._start()
            self._due = [due for due in self._due if due > now]
        self._stop(came.si_signo)

    def _start(self) -> None:
        keeper = os.getpid()
        process = os.fork()
        if process:
            self._started[process] = time.monotonic()
            return
        code = 1
        try:
            _end_with(keeper)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
            self._work()
            code = 0
        except BaseException:  # noqa: BLE001 - a fork must never go on as its parent
            self._tell(traceback.format_exc(limit=-3))
        finally:
            os._exit(code)

    def _reap(self) -> None:
        """Take note of the workers that have ended."""
        for process in list(self._started):
            ended, status = os.waitpid(process, os.WNOHANG)
            if not ended:
                continue
            lasted = time.monotonic() - self._started.pop(process)
            forget_worker(process)
            self._failures = self._failures + 1 if lasted < LONGEST_WAIT else 0
            wait = min(LONGEST_WAIT, 0.1 * 2 ** min(self._failures, 10))
            self._due.append(time.monotonic() + wait)
            code = os.waitstatus_to_exitcode(status)
            how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
            self._tell(f"worker {process} ended ({how}) after {lasted:.0f} s; another starts in {wait:.1f} s")

    def _stop(self, number: int) -> None:
        """Pass a signal on, and each that follows, until all workers have ended."""
        while self._started:
            for process in self._started:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)
            while self._started:
                for process in list(self._started):
                    if os.waitpid(process, os.WNOHANG)[0]:
                        del self._started[process]
                came = signal.sigtimedwait(_HANDLED, 1.0) if self._started else None
                if came is not None and came.si_signo != signal.SIGCHLD:
                    number = came.si_signo
                    break


def _end_with(parent: int) -> None:
    """Have this process told to stop when its parent ends in any way, even by SIGKILL."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it had ended before it could be asked for
        os.kill(os.getpid(), signal.SIGTERM)
