"""A socket for `http.client` whose whole exchange ends in time, however slowly the other side drips.

A connected socket and a deadline come in. A limit for each read alone would be met by one byte now and then.
"""

import io
import socket
import time
from typing import Any

__all__ = ["Deadline", "TimedSocket"]


class Deadline:
    """A moment from which on nothing is waited for any more."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Give the seconds that are left. Raises TimeoutError: there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds


class _TimedReader(io.RawIOBase):
    """Reads from a socket as long as there is time."""

    def __init__(self, stream: socket.socket, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._stream.settimeout(self._deadline.left())
        return self._stream.recv_into(buffer)


class TimedSocket:
    """What `http.client` needs of a socket; all of it has to end by the deadline."""

    def __init__(self, stream: socket.socket, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send all of it. Raises TimeoutError: the other side does not take it in time."""
        self._stream.settimeout(self._deadline.left())
        self._stream.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Open what the other side answers for reading."""
        return io.BufferedReader(_TimedReader(self._stream, self._deadline))

    def close(self) -> None:
        """Leave it to who opened it: the answer's body is read after the client has closed its side."""
