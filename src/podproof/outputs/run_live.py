"""Shows a run while it goes on: logs as they come, with who wrote them, and on a terminal a table below them.

Snapshots and log bytes come in; text goes to the streams that are given. Nothing is decided here.
"""

import time
from collections.abc import Callable, Sequence

from ..kubelet.endings import endings
from ..kubelet.get_pods import pod_row, table
from ..runtimes.pods.values import PodSnapshot
from .plain import one_line, program_output

__all__ = ["LiveReporter"]

_COLORS = (36, 33, 32, 35, 34, 31)
_REDRAW = 0.1
"""Seconds between two drawings of the table."""

_MAX_LINE = 64 * 1024
"""Bytes of a line without an end that are kept before it is shown."""


class LiveReporter:
    """`write` takes the logs' bytes. `draw` takes the table's text, None where no terminal looks.

    `columns` and `rows` are the terminal's size; `color` paints prefixes. Unless `raw`, what could steer
    a terminal or hide in a log is made visible in what containers print.
    """

    def __init__(
        self,
        write: Callable[[bytes], None],
        draw: Callable[[str], None] | None,
        *,
        columns: Callable[[], int] = lambda: 80,
        rows: Callable[[], int] = lambda: 24,
        color: bool = False,
        raw: bool = False,
    ) -> None:
        self._write = write
        self._draw = draw
        self._columns = columns
        self._rows = rows
        self._color = color
        self._raw = raw
        self._parts: dict[tuple[str, str], bytes] = {}
        self._paints: dict[tuple[str, str], int] = {}
        self._width = 0
        self._lines = 0
        self._drawn = ""
        self._drawn_at = 0.0

    def log(self, pod: str, container: str, data: bytes) -> None:
        """Show the whole lines; what has no end yet waits for it."""
        key = (pod, container)
        pending = self._parts.pop(key, b"") + data
        *lines, rest = pending.split(b"\n")
        if len(rest) > _MAX_LINE:
            lines.append(rest)
            rest = b""
        if rest:
            self._parts[key] = rest
        if lines:
            self._erase()
            for line in lines:
                self._write(self._prefix(key) + self._safe(line) + b"\n")

    def pods(self, snapshots: Sequence[PodSnapshot]) -> None:
        """Draw the table anew when it has changed."""
        if self._draw is None or time.monotonic() - self._drawn_at < _REDRAW:
            return
        now = time.time()
        limit = max(self._columns() - 1, 20)
        lines = table([pod_row(snapshot.pod, now) for snapshot in snapshots]).splitlines()
        lines += [line for snapshot in snapshots for line in endings(snapshot.pod)]
        # a line that has left the screen cannot be taken back
        most = max(self._rows() - 2, 3)
        if len(lines) > most:
            lines = [*lines[: most - 1], f"and {len(lines) - most + 1} more"]
        text = "".join(f"{one_line(line)[:limit]}\n" for line in lines)
        if text == self._drawn and self._lines:
            return
        self._erase()
        self._draw(text)
        self._lines, self._drawn, self._drawn_at = text.count("\n"), text, time.monotonic()

    def ending(self) -> None:
        """Say on a terminal that a signal was received, and what a second one does."""
        if self._draw is not None:
            self._erase()
            self._draw("podproof: stopping the pods, each with its grace; Ctrl-C again ends them at once\n")

    def close(self) -> None:
        """Show what is left of unfinished lines, take the table away, and draw none any more."""
        self._erase()
        self._draw = None
        for key in list(self._parts):
            self._write(self._prefix(key) + self._safe(self._parts.pop(key)) + b"\n")

    def _erase(self) -> None:
        if self._draw is not None and self._lines:
            self._draw(f"\x1b[{self._lines}F\x1b[J")
            self._lines = 0

    def _prefix(self, key: tuple[str, str]) -> bytes:
        name = f"{key[0]}/{key[1]}"
        self._width = max(self._width, len(name))
        text = f"{name.ljust(self._width)} | "
        if self._color:
            paint = self._paints.setdefault(key, _COLORS[len(self._paints) % len(_COLORS)])
            text = f"\x1b[{paint}m{text}\x1b[0m"
        return text.encode()

    def _safe(self, line: bytes) -> bytes:
        return line if self._raw else program_output(line.removesuffix(b"\r"))
