"""The process that keeps the engine: starts containerd, reaps what dead sessions left, and stops.

Started detached by `start.py`, with the descriptor of a pipe as its argument; writes `ready` or one line of
what went wrong into it. Takes no commands: SIGTERM stops the engine.
"""

import contextlib
import os
import signal
import sys
import time

from ...errors import PodproofError
from ..engine import EngineError
from .daemon import Daemon
from .keepers import ANOTHER_KEEPER
from .locks import FileLock
from .places import Places
from .reaper import Reaper, SessionState, marked_sessions

__all__ = ["Keeper", "main"]

PERIOD = 0.5
"""Seconds between two looks; the longest that a dead session's pods are overlooked."""

_MOST_RESTARTS = 5

_ASK_PERIOD = 5.0
"""Seconds between two questions whether the container runtime still answers, and what it has."""

_MOST_SILENCES = 2
"""So many questions in a row without an answer, and the runtime counts as frozen."""


class Keeper:
    """Keeps the engine of some places until it is idle, or told to stop."""

    def __init__(self, places: Places, lock: FileLock) -> None:
        self._places = places
        self._lock = lock
        self._daemon = Daemon(places)
        self._reaper = Reaper(places, self._daemon.engine, report=_log)
        self._stopped = False

    def heed_signals(self) -> None:
        """Stop on SIGTERM and SIGINT, after the start when it is under way."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def start(self) -> None:
        """Start containerd and reap what an earlier engine left. Raises PodproofError, OSError: cannot."""
        try:
            self._daemon.start()
            self._reap(thorough=True)
        except BaseException:
            self._daemon.stop()
            raise

    def keep(self) -> None:
        """Look after the engine until nobody uses it. Raises PodproofError, OSError: it cannot be kept."""
        try:
            self._watch()
        finally:
            # Whatever ended the watch: nobody else would stop what this process started.
            if self._daemon.alive() or self._places.engine.exists():
                with contextlib.suppress(EngineError):
                    self._reap()
                self._stop()

    def _watch(self) -> None:
        idle_since = asked_at = time.monotonic()
        restarts = silences = 0
        while not self._stopped:
            time.sleep(PERIOD)
            asks = time.monotonic() - asked_at >= _ASK_PERIOD
            if asks:
                asked_at, silences = time.monotonic(), 0 if self._daemon.answers() else silences + 1
            if silences >= _MOST_SILENCES:
                _log("the container runtime does not answer: it is started again")
                self._daemon.kill()
                silences = 0
            if not self._daemon.alive():
                restarts += 1
                if restarts > _MOST_RESTARTS:
                    return
                self._daemon.start()
            if any(self._reap(thorough=asks and not silences)):
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since >= self._places.idle and self._stop_idle():
                return

    def _stop(self) -> None:
        self._daemon.stop()
        for folder in (self._places.session_locks, self._places.session_folders):
            with contextlib.suppress(OSError):  # what could not be reaped stays for the next start
                folder.rmdir()
        self._lock.release(remove=True)

    def _reap(self, *, thorough: bool = False) -> SessionState:
        """Reap; `thorough`: also sessions that have no lock any more, which only the runtime may know."""
        marked: set[str] = set()
        if thorough:
            with contextlib.suppress(EngineError, OSError):  # the next look may find them
                marked = marked_sessions(self._places, self._daemon.engine)
        return self._reaper.look(self._daemon.engine.endpoint, marked=marked)

    def _stop_idle(self) -> bool:
        """Stop unless somebody is just beginning to use the engine: who does holds this lock first."""
        lock = FileLock.take(self._places.start_lock, wait=False)
        if lock is None:
            return False
        try:
            if any(self._reap(thorough=True)):
                return False
            self._stop()
            return True
        finally:
            lock.release(remove=True)

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._stopped = True


def main() -> None:
    """Run as a process of its own; the argument is the pipe's descriptor."""
    pipe = int(sys.argv[1])
    places = Places.from_environment()
    lock = FileLock.take(places.keeper_lock, wait=False)
    if lock is None:
        _tell(pipe, ANOTHER_KEEPER)
        return
    keeper = Keeper(places, lock)
    keeper.heed_signals()  # before anybody can read whom to send one: what is started has to be stopped
    lock.write(str(os.getpid()))
    try:
        keeper.start()
    except EngineError as error:
        _tell(pipe, error.detail)
        sys.exit(1)
    except PodproofError as error:
        _tell(pipe, str(error))
        sys.exit(1)
    except OSError as error:
        _tell(pipe, f"cannot write {error.filename or places.lib}: {error.strerror or error}")
        sys.exit(1)
    _tell(pipe, "ready")
    try:
        keeper.keep()
    except Exception as error:  # noqa: BLE001 - one line instead of a traceback that nobody reads
        _log(f"the engine's keeper ends: {type(error).__name__}: {error}")
        sys.exit(1)


def _log(line: str) -> None:
    """Write a line into the keeper's log."""
    sys.stderr.write(line.replace("\n", " ") + "\n")
    sys.stderr.flush()


def _tell(pipe: int, line: str) -> None:
    try:
        os.write(pipe, line.replace("\n", " ").encode())
        os.close(pipe)
    except BrokenPipeError:
        pass  # who asked is gone; the session of a dead process is reaped like any other


if __name__ == "__main__":
    main()
