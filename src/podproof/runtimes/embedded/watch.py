"""Looks after the engine's keeper while a session is open: whoever kills or stops it, another one is started.

Without one nobody reaps dead sessions, starts containerd again, or ends the engine.
"""

import os
import threading
from contextlib import suppress

from .cleanup import has_ended
from .keepers import find_keeper, is_lost, revive_keeper
from .places import Places

__all__ = ["KeeperWatch"]

PERIOD = 1.0
"""Seconds between two looks."""

_MAX_DELAY = 60.0
"""Seconds at most between two attempts to start a keeper, of which each takes twice as long to come."""

_MOST_STOPS = 2
"""Looks in a row that find the keeper lost until it is replaced: a tracer stops it for moments."""


class KeeperWatch:
    """Watches the keeper of an engine from a thread, which ends with `stop` or with the process."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._stopped = threading.Event()
        self._keeper: _WatchedKeeper | None = None
        threading.Thread(target=self._watch, name="keeper-watch", daemon=True).start()

    def stop(self) -> None:
        """End the watch, and wait for nothing: a keeper that is just being started ends when it is idle."""
        self._stopped.set()

    def _watch(self) -> None:
        delay = PERIOD
        try:
            while not self._stopped.wait(delay):
                if self._is_kept():
                    delay = PERIOD
                else:
                    delay = PERIOD if revive_keeper(self._places) else min(_MAX_DELAY, delay * 2)
        finally:
            self._forget()

    def _is_kept(self) -> bool:
        if self._keeper is None:
            self._keeper = _WatchedKeeper.find(self._places)
        if self._keeper is not None and self._keeper.is_well():
            return True
        self._forget()
        return False

    def _forget(self) -> None:
        if self._keeper is not None:
            os.close(self._keeper.handle)
            self._keeper = None


class _WatchedKeeper:
    """A process that is a keeper, by a pidfd: its number may become another's."""

    def __init__(self, pid: int, handle: int) -> None:
        self.handle = handle
        self._pid = pid
        self._stops = 0

    @classmethod
    def find(cls, places: Places) -> "_WatchedKeeper | None":
        with suppress(OSError):  # it has just ended
            pid = find_keeper(places)
            if pid is not None:
                return cls(pid, os.pidfd_open(pid))
        return None

    def is_well(self) -> bool:
        if has_ended(self.handle):
            return False
        self._stops = self._stops + 1 if is_lost(self._pid) else 0
        return self._stops < _MOST_STOPS
