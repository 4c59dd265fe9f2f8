"""Keeps bytes until the end of a run: in memory while they are few, else in a file without a name."""

import io
import os
from typing import IO

from ..errors import OutputError

__all__ = ["Span", "Spool"]

_IN_MEMORY = 32 << 20

Span = tuple[int, int]
"""Where bytes stand in the spool, and how many they are."""


class Spool:
    """Bytes that are written once and read as often as somebody asks."""

    def __init__(self, in_memory: int = _IN_MEMORY) -> None:
        self._most = in_memory
        self._memory = io.BytesIO()
        self._file: IO[bytes] | None = None  # in which everything is, once it is there
        self._length = 0

    def write(self, data: bytes) -> Span:
        """Add bytes.

        Raises OutputError: the file system for temporary files takes no more; what was added before can still
        be read.
        """
        span = (self._length, len(data))
        try:
            if self._file is None and self._length + len(data) > self._most:
                self._file = _file_of(self._memory.getvalue())
                self._memory = io.BytesIO()
            if self._file is None:
                self._memory.seek(self._length)
                self._memory.write(data)
            else:
                _write_at(self._file, self._length, data)
        except OSError as error:
            reason = error.strerror or error
            raise OutputError(f"cannot write a temporary file (TMPDIR says where): {reason}") from error
        self._length += len(data)
        return span

    def read(self, span: Span) -> bytes:
        """Give the bytes of a span."""
        stream = self._memory if self._file is None else self._file
        stream.seek(span[0])
        return stream.read(span[1])


def _file_of(data: bytes) -> IO[bytes]:
    import tempfile

    file = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - it lives as long as the spool
    try:
        _write_at(file, 0, data)
    except OSError:
        file.close()
        raise
    return file


def _write_at(file: IO[bytes], start: int, data: bytes) -> None:
    """Write past the file's buffer, in which bytes that find no room would stand in the way of all others."""
    left = memoryview(data)
    while left:
        written = os.pwrite(file.fileno(), left, start)
        start, left = start + written, left[written:]
