"""HTTP on one connection, on which plain requests are answered as soon as their last byte has come.

Bytes of a connection come in, responses go out. What is not plain goes to the ASGI application by uvicorn's
own way, which takes several times as long: it makes a task for each request, and looks at each header twice.
The limits of a connection hold for both.
"""

import asyncio

from .limits import HttpRefusal, ServerLimits
from .plain_requests import PlainRequest, PlainRequests
from .protocol import BoundedProtocol

__all__ = ["ReviewProtocol", "reviewing"]


class ReviewProtocol(BoundedProtocol):
    """Answers plain requests itself, and has the application answer all others."""

    plain: PlainRequests
    _request: PlainRequest | None = None
    """The plain request whose body is being received."""
    _body_timer: asyncio.TimerHandle | None = None
    _idle_timer: asyncio.TimerHandle | None = None
    _idle_until = 0.0

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of what has been received."""
        self._take_request()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived, and wait for the rest of a body no longer than its client does."""
        super().data_received(data)
        request = self._request
        if request is not None and self._body_timer is None:
            self.plain.wait(request)
            self._body_timer = self.loop.call_later(request.patience, self._give_up)

    def on_message_begin(self) -> None:
        """Begin a request without what only ASGI needs."""
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self._begin_head()

    def on_headers_complete(self) -> None:
        """Choose the way of a request."""
        self._end_head()
        if self._may_be_plain():
            self._request = self.plain.begin(self.url, self.parser.get_method(), self.headers)
        if self._request is None:
            self._start_by_asgi()

    def _may_be_plain(self) -> bool:
        """Tell whether the connection stays open, and nothing is under way on it but this request."""
        return (
            (self.cycle is None or self.cycle.response_complete)
            and not self.expect_100_continue
            and not self.flow.write_paused
            and (self.limit_concurrency is None or len(self.connections) < self.limit_concurrency)
            and self.parser.should_keep_alive()
            and not self.parser.should_upgrade()
            and self.parser.get_http_version() == "1.1"
        )

    def _start_by_asgi(self) -> None:
        """Begin the request anew, with what has been read of its head."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super(BoundedProtocol, self).on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super(BoundedProtocol, self).on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        request = self._request
        if request is None:
            super().on_body(body)
            return
        try:
            request.body.add(body)
        except HttpRefusal:
            self._hand_over()  # the application says so

    def on_message_complete(self) -> None:
        """Answer a plain request."""
        request = self._request
        if request is None:
            super().on_message_complete()
            return
        response = self.plain.answer(request)
        if response is None:
            self._hand_over()
            super().on_message_complete()
            return
        self._take_request()
        self.transport.write(response)
        self.server_state.total_requests += 1
        self._idle_until = self.loop.time() + self.timeout_keep_alive
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._look_whether_idle)

    def shutdown(self) -> None:
        """Finish what has begun, and close the connection."""
        if self._request is not None:
            self._hand_over()
        super().shutdown()

    def _hand_over(self) -> None:
        """Have the application answer the plain request, whose body may not be whole yet."""
        request = self._request
        assert request is not None
        body = request.body.whole
        self._take_request()
        self._start_by_asgi()
        super().on_body(body)

    def _take_request(self) -> None:
        """End the plain request that is under way, if any is."""
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None
        if self._request is not None:
            self.plain.end(self._request)
            self._request = None

    def _give_up(self) -> None:
        self._body_timer = None
        request = self._request
        if request is not None:
            self.transport.write(self.plain.give_up(request))
            self._take_request()
            self.transport.close()

    def _waits_for_nothing(self) -> bool:
        return self._request is None and self._idle_timer is None and super()._waits_for_nothing()

    def _look_whether_idle(self) -> None:
        """Close the connection if it has been idle; one timer serves many requests."""
        self._idle_timer = None
        if self._is_busy():
            return  # it is set again with the answer
        rest = self._idle_until - self.loop.time()
        if rest > 0:
            self._idle_timer = self.loop.call_later(rest, self._look_whether_idle)
        else:
            self.timeout_keep_alive_handler()

    def _is_busy(self) -> bool:
        """Tell whether something else watches over the connection by now: a request, its head, or uvicorn."""
        answered = self.cycle is None or self.cycle.response_complete
        watched = self._deadline is not None or self.timeout_keep_alive_task is not None
        return self._request is not None or not answered or watched


def reviewing(plain: PlainRequests, limits: ServerLimits) -> type[ReviewProtocol]:
    """Make the protocol for an application's plain requests; each connection has an instance."""

    class WithPlainRequests(ReviewProtocol):
        pass

    WithPlainRequests.plain, WithPlainRequests.limits = plain, limits
    return WithPlainRequests
