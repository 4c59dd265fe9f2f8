"""The machine's own time and threads, for whatever in this room is told of a clock and of a way to spawn."""

import threading
import time
from collections.abc import Callable

__all__ = ["WallClock", "in_thread"]


class WallClock:
    """The machine's clock."""

    def now(self) -> float:
        """Give the seconds since the epoch."""
        return time.time()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Return when the event is set (then True) or the time has passed."""
        return event.wait(seconds)


def in_thread(function: Callable[[], None]) -> None:
    """Run a function in a thread of its own, which does not keep the process alive."""
    threading.Thread(target=function, daemon=True).start()
