"""Reviews as nearly all of them come: with a length, and answered without waiting for anything.

What HTTP's parser has read comes in, a whole response goes out; None: the request goes its way through ASGI,
which answers everything. What is told to metrics and log is the same. Nothing is judged here.
"""

import time
from collections.abc import Iterable

from ..admission.phases import Phase
from .health import Health
from .limits import HttpRefusal, ServerLimits
from .metrics import Metrics
from .received_body import HeldBodies, ReceivedBody
from .responses import CLOSE, JSON, write_out, write_out_review
from .review_head import PHASES, check_head, patience_of
from .review_records import ReviewRecords
from .reviewer import Reviewer

__all__ = ["PlainRequest", "PlainRequests"]

_PATHS = {path.encode(): phase for path, phase in PHASES.items()}
_MOST_URLS = 16
"""An API server asks for one for each webhook."""


class PlainRequest:
    """A request that has begun. `patience` and `deadline` say how long its client waits, in seconds."""

    __slots__ = ("body", "deadline", "patience", "phase", "waits")

    def __init__(self, phase: Phase, patience: float, body: ReceivedBody) -> None:
        self.phase, self.patience, self.body = phase, patience, body
        self.deadline = time.monotonic() + patience
        self.waits = False


class PlainRequests:
    """Begins, answers and ends the plain requests of a process."""

    def __init__(
        self,
        reviewer: Reviewer,
        records: ReviewRecords,
        health: Health,
        metrics: Metrics,
        limits: ServerLimits,
        held: HeldBodies,
    ) -> None:
        self._reviewer, self._records, self._health = reviewer, records, health
        self._metrics, self._limits, self._held = metrics, limits, held
        self._known: dict[bytes, tuple[Phase, float]] = {}

    def begin(self, url: bytes, method: bytes, headers: Iterable[tuple[bytes, bytes]]) -> PlainRequest | None:
        """Begin a request with the head that has been read; None: it is not plain."""
        known = self._known.get(url) or self._look_at(url)
        if known is None or self._health.draining:
            return None
        try:
            length = check_head(method.decode("ascii"), headers, self._limits)
        except HttpRefusal:
            return None
        if length is None or length >= self._limits.large:
            return None
        return PlainRequest(*known, ReceivedBody(self._held))

    def _look_at(self, url: bytes) -> tuple[Phase, float] | None:
        path, _, query = url.partition(b"?")
        phase = _PATHS.get(path)
        if phase is None:
            return None
        found = phase, min(self._limits.seconds_for_body, patience_of(query))
        if len(self._known) < _MOST_URLS:
            self._known[url] = found
        return found

    def wait(self, request: PlainRequest) -> None:
        """Note that a request has to wait for more of its body."""
        if not request.waits:
            request.waits = True
            self._metrics.in_flight.inc()

    def answer(self, request: PlainRequest) -> bytes | None:
        """Answer a request whose body is whole; None: it goes its way through ASGI."""
        started = time.perf_counter()
        reviewed = self._reviewer.answer_at_once(request.body.whole, request.phase, request.deadline)
        if reviewed is None:
            return None
        self._records.keep(reviewed, request.phase, time.perf_counter() - started)
        if reviewed.status == 200:
            return write_out_review(reviewed.body)
        return write_out(reviewed.status, reviewed.body, JSON)

    def give_up(self, request: PlainRequest) -> bytes:
        """Refuse a request whose body has not come in time."""
        self._metrics.refusals.labels(408).inc()
        text = f"the body was not whole after {request.patience:g} s\n"
        return write_out(408, text.encode(), headers=[CLOSE])

    def end(self, request: PlainRequest) -> None:
        """Forget a request, whatever has become of it."""
        request.body.let_go()
        if request.waits:
            self._metrics.in_flight.dec()
