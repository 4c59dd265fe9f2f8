"""HTTP on one connection, with the limits that servers leave out: on a request's head and on its size.

Bytes of a connection come in, requests go to the application. A client that is too slow, or sends too much,
is cut off; what it holds in memory is bounded. The limits of a body are the application's.
"""

import asyncio
from typing import Any

from .limits import DEFAULT, ServerLimits
from .packages import httptools, uvicorn  # noqa: F401 - says what is missing, before the line below fails

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # isort: skip

__all__ = ["BoundedProtocol", "bounded"]


class BoundedProtocol(HttpToolsProtocol):
    """Cuts off a connection whose request does not arrive in time, or is larger than any review can be."""

    limits: ServerLimits = DEFAULT
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    """Runs while answers wait for the client."""
    _in_head = True
    _bytes = 0
    _arrived = 0
    """Bytes of what is being parsed."""
    _most = 0
    """Bytes that the head may have: those in which it arrived."""

    def connection_made(self, transport: Any) -> None:
        """Expect the head of a first request."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._forget_deadline()
        self._forget_unread()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the client to read, for no longer than it may take."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self.limits.seconds_to_read, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with what the client has read."""
        self._forget_unread()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """Count and parse what has arrived, and expect the rest of a head that is not whole."""
        if self.transport.is_closing():
            return  # TLS hands over what it has, and nobody would be answered
        self._arrived = len(data)
        self._bytes += self._arrived
        if self._in_head:
            self._most += self._arrived
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._bytes > self.limits.request or (self._in_head and self._bytes > self.limits.head):
            self.logger.warning("A request is larger than any review can be.")
            self.transport.abort()
        elif self._deadline is None and (self._in_head or self._waits_for_nothing()):
            self._expect_head()  # or line ends alone have come: they end idleness, and begin no request

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        """See that the head is within its limits."""
        self._end_head()
        super().on_headers_complete()

    def _begin_head(self) -> None:
        """Begin to count; no timer is set for a head that arrives in one piece."""
        self._in_head, self._bytes, self._most = True, 0, self._arrived
        self._forget_deadline()

    def _end_head(self) -> None:
        self._in_head = False
        self._forget_deadline()
        if self._most <= self.limits.head:
            return
        size = len(self.url)
        for name, value in self.headers:
            size += len(name) + len(value)
        if size > self.limits.head:
            raise ValueError("the head of the request is too large")  # the parser answers 400

    def _waits_for_nothing(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and self.timeout_keep_alive_task is None

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been idle, at once where the client does not read its answer."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def _expect_head(self) -> None:
        self._deadline = self.loop.call_later(self.limits.seconds_for_head, self._cut_off)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _forget_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _cut_off(self) -> None:
        self._deadline = None
        self.transport.abort()


def bounded(limits: ServerLimits) -> type[BoundedProtocol]:
    """Make the protocol with these limits; uvicorn makes an instance for each connection."""

    class WithLimits(BoundedProtocol):
        pass

    WithLimits.limits = limits
    return WithLimits
