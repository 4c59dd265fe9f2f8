"""One line on a terminal that says what a long work is at: texts come in, the line is drawn and taken away.

Work that is over within a second is never seen. This module does not decide whether anybody watches.
"""

import threading
import time
from collections.abc import Callable

from .plain import one_line

__all__ = ["ProgressLine"]

_PATIENCE = 1.0
"""Seconds for which a person waits without a word."""
_REDRAW = 0.1
_TICK = 0.5
_TAKE_AWAY = "\r\x1b[K"


class ProgressLine:
    """Draws the last text that it was told, for as long as the work lasts."""

    def __init__(
        self,
        write: Callable[[str], None],
        columns: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._columns = columns
        self._clock = clock
        self._started = self._drawn_at = clock()
        self._drawn = False
        self._text = ""
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._ticker: threading.Thread | None = None

    def tell(self, text: str) -> None:
        """Take what the work is at, and draw it if it is time."""
        self._text = text
        now = self._clock()
        if now - self._started >= _PATIENCE and now - self._drawn_at >= _REDRAW:
            self._draw(text, now)

    def tick(self) -> None:
        """Draw by a thread, with the seconds, for work that says nothing while it lasts."""
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._ticker.start()

    def close(self) -> None:
        """Take the line away; nothing is drawn afterwards."""
        self._ended.set()
        if self._ticker is not None:
            self._ticker.join()
        with self._lock:
            if self._drawn:
                self._write(_TAKE_AWAY)
                self._drawn = False

    def _tick(self) -> None:
        while not self._ended.wait(_TICK):
            now = self._clock()
            if self._text and now - self._started >= _PATIENCE:
                self._draw(f"{self._text} · {now - self._started:.0f} s", now)

    def _draw(self, text: str, now: float) -> None:
        with self._lock:
            # Before it is written: Ctrl-C may come in between, and the line has to go then, too.
            self._drawn, self._drawn_at = True, now
            # One column is left free: a full line wraps, and then cannot be taken away.
            self._write(_TAKE_AWAY + one_line(text)[: max(self._columns() - 1, 1)])
