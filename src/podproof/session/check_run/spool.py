"""Keeps bytes until the end of a run: in memory while they are few, else in a file without a name."""

import io
from typing import BinaryIO

from ...errors import OutputError

__all__ = ["Span", "Spool"]

_IN_MEMORY = 32 << 20

Span = tuple[int, int]
"""Where bytes stand in the spool, and how many they are."""


class Spool:
    """Bytes that are written once and read as often as somebody asks."""

    def __init__(self, in_memory: int = _IN_MEMORY) -> None:
        self._most = in_memory
        self._stream: BinaryIO = io.BytesIO()
        self._length = 0

    def write(self, data: bytes) -> Span:
        """Add bytes. Raises OutputError: the file system for temporary files takes no more."""
        span = (self._length, len(data))
        try:
            if isinstance(self._stream, io.BytesIO) and self._length + len(data) > self._most:
                self._to_file()
            self._stream.seek(self._length)
            self._stream.write(data)
        except OSError as error:
            reason = error.strerror or error
            raise OutputError(f"cannot write a temporary file (TMPDIR says where): {reason}") from error
        self._length += len(data)
        return span

    def read(self, span: Span) -> bytes:
        """Give the bytes of a span."""
        self._stream.seek(span[0])
        return self._stream.read(span[1])

    def _to_file(self) -> None:
        import tempfile

        kept = self._stream
        assert isinstance(kept, io.BytesIO)
        self._stream = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - it lives as long as the spool
        self._stream.write(kept.getbuffer())
