"""A container's log as the runtime writes it: lines with a time, a stream and a flag come in, text goes out.

Source: kubernetes pkg/kubelet/kuberuntime/logs; the CRI logging format.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

__all__ = ["LogFollower", "LogLine", "read_lines", "tail_text", "truncate_log"]

_MAX_LINE = 256 * 1024
"""Bytes of a line that are kept; the runtime itself splits after 16 KiB and marks the parts."""


class LogLine(msgspec.Struct, frozen=True):
    """One write of a container, whole or in part (`P` flag). `data` has its line feed when it is whole."""

    time: str
    stream: str
    data: bytes
    whole: bool


def _parse(line: bytes) -> LogLine | None:
    parts = line.split(b" ", 3)
    if len(parts) != 4 or parts[1] not in (b"stdout", b"stderr"):
        return None
    whole = parts[2].split(b":")[0] == b"F"
    return LogLine(
        parts[0].decode("ascii", "replace"),
        parts[1].decode(),
        parts[3] + b"\n" if whole else parts[3],
        whole,
    )


class LogFollower:
    """Reads what has been added to a log since the last look; a log that became shorter is read anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0
        self._rest = b""

    def new_lines(self, limit: int = 1024 * 1024) -> Iterator[LogLine]:
        """Give the new lines of at most `limit` bytes; nothing while the file is not there."""
        try:
            with self.path.open("rb") as stream:
                if os.fstat(stream.fileno()).st_size < self._offset:
                    self._offset, self._rest = 0, b""
                stream.seek(self._offset)
                data = stream.read(limit)
        except OSError:
            return
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[:_MAX_LINE]
        for line in lines:
            parsed = _parse(line[:_MAX_LINE])
            if parsed is not None:
                yield parsed

    def all_new_lines(self) -> Iterator[LogLine]:
        """Give all new lines, however many."""
        while lines := list(self.new_lines()):
            yield from lines


def read_lines(path: Path) -> Iterator[LogLine]:
    """Give all lines of a log."""
    return LogFollower(path).all_new_lines()


def tail_text(path: Path, *, lines: int = 80, size: int = 2048) -> str:
    """Give the end of a log as the termination message's fallback has it: 80 lines, 2048 bytes."""
    whole: list[bytes] = []
    part = b""
    for line in read_lines(path):
        part += line.data
        if line.whole:
            whole.append(part)
            part = b""
    if part:
        whole.append(part)
    return b"".join(whole[-lines:])[-size:].decode("utf-8", "replace")


def truncate_log(path: Path, limit: int) -> bool:
    """Empty a log that has grown beyond `limit` bytes; the runtime appends, so it goes on. True when done."""
    try:
        if path.stat().st_size <= limit:
            return False
        os.truncate(path, 0)
    except OSError:
        return False
    return True
