"""The log: one line of JSON for each decision, and for what happens to the server.

Events with their members come in, lines go out on the given stream. A line never holds an object, and texts
are cut. A line that cannot be written is counted, and changes nothing else.
"""

import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec

from .metrics import Metrics

__all__ = ["DecisionLine", "DecisionLog", "ServerRecords"]

_encode = msgspec.json.Encoder().encode
MAX_TEXT = 1000
"""Characters of a text in a line. A refusal by every check of a pod with one container has about 700, and
lines of up to 4,096 bytes are not torn when several workers write to one pipe."""


class DecisionLine(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The line about an answered review; what is not known of it, since it could not be read, is left out."""

    time: datetime
    level: str = "info"
    event: str = "decision"
    phase: str
    uid: str
    operation: str | msgspec.UnsetType = msgspec.UNSET
    resource: str | msgspec.UnsetType = msgspec.UNSET
    subresource: str | msgspec.UnsetType = msgspec.UNSET
    namespace: str | msgspec.UnsetType = msgspec.UNSET
    name: str | msgspec.UnsetType = msgspec.UNSET
    user: str | msgspec.UnsetType = msgspec.UNSET
    dry_run: bool | msgspec.UnsetType = msgspec.UNSET
    allowed: bool
    plugin: str
    code: int | None
    message: str | None
    warnings: int
    patched: bool
    audit: dict[str, str]
    milliseconds: float


class DecisionLog:
    """Writes lines to a stream, standard output unless another is given."""

    def __init__(self, metrics: Metrics, stream: BinaryIO | None = None) -> None:
        self._metrics = metrics
        self._stream = stream or _standard_output()

    def decide(self, line: DecisionLine) -> None:
        """Write a line about an answered review."""
        self._write(line)

    def info(self, event: str, **members: Any) -> None:
        """Write a line about something usual."""
        self._write(_line("info", event, members))

    def warning(self, event: str, **members: Any) -> None:
        """Write a line about something that somebody should look at."""
        self._write(_line("warning", event, members))

    def fault(self, event: str, error: BaseException, **members: Any) -> None:
        """Write a line about an error that is a fault of Podproof, with its traceback."""
        lines = traceback.format_exception(error)
        members |= {"error": repr(error), "traceback": "".join(lines[-20:])}
        self._write(_line("error", event, members))

    def _write(self, line: DecisionLine | dict[str, Any]) -> None:
        try:
            written = _encode(line)
            if len(written) > MAX_TEXT:  # else no text in it is longer
                named = line if isinstance(line, dict) else msgspec.structs.asdict(line)
                cut = _cut(named)
                if cut is not named:
                    written = _encode(cut)
            self._stream.write(written + b"\n")
            self._stream.flush()
        except (OSError, ValueError):  # the disk is full, the reader has gone, the stream is closed
            self._metrics.lost_log_lines.inc()


def _line(level: str, event: str, members: dict[str, Any]) -> dict[str, Any]:
    return {"time": datetime.now(UTC), "level": level, "event": event, **members}


def _standard_output() -> BinaryIO:
    """Give standard output without a buffer, in which lines would stay; nowhere when it is closed (`>&-`)."""
    if sys.stdout is None:
        return open(os.devnull, "wb", buffering=0)
    return open(sys.stdout.fileno(), "wb", buffering=0, closefd=False)


def _cut(line: dict[str, Any]) -> dict[str, Any]:
    """Cut texts, those of members in it too; a line in which none is too long is returned as it is."""
    cut: dict[str, Any] = {}
    for key, value in line.items():
        if value.__class__ is str:
            if len(value) > MAX_TEXT:
                cut[key] = f"{value[:MAX_TEXT]}…"
        elif value.__class__ is dict and (shorter := _cut(value)) is not value:
            cut[key] = shorter
    return {**line, **cut} if cut else line


class ServerRecords(logging.Handler):
    """Turns what the HTTP server logs by Python's own means into lines of the log."""

    def __init__(self, log: DecisionLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        if record.exc_info is not None and record.exc_info[1] is not None:
            self._log.fault("server", record.exc_info[1], message=record.getMessage().strip())
        else:
            self._log.warning("server", message=record.getMessage().strip())
