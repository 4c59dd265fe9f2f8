"""The webhook as a raw ASGI application: what is asked at which path, and with what it is answered.

HTTP requests come in, answers go out: `/validate`, `/mutate` and `/advise` take AdmissionReviews, `/livez`
says that the process works, `/readyz` whether reviews should be sent to it. A request that is no review is
refused before anything looks at what it holds, and its connection closed. Most reviews do not come this way:
`plain_requests` answers them where nothing has to be waited for. Nothing is judged here.
"""

import asyncio
import time

from ..admission.phases import Phase
from ..session.serve.cluster_source import ClusterSource
from .decision_log import DecisionLog
from .health import PROBES, Health
from .limits import DEFAULT, HttpRefusal, ServerLimits
from .metrics import Metrics
from .plain_requests import PlainRequests
from .received_body import HeldBodies, ReceivedBody
from .responses import CLOSE, JSON, Message, Receive, Scope, Send, respond
from .review_head import PHASES, check_head, patience_of
from .review_records import ReviewRecords
from .reviewer import Reviewer

__all__ = ["WebhookApp"]


class _Disconnected(Exception):
    """The client has gone before its request was whole."""


class WebhookApp:
    """Answers the requests of one process, of whose `health` it tells; `warn_before` is that of the Reviewer.

    `plain` answers those that need nothing of ASGI.
    """

    def __init__(
        self,
        source: ClusterSource,
        log: DecisionLog,
        metrics: Metrics,
        limits: ServerLimits = DEFAULT,
        warn_before: float = 0,
    ) -> None:
        self.health = Health(source, metrics)
        self._metrics, self._limits = metrics, limits
        self._reviewer = Reviewer(source, log, limits, warn_before=warn_before)
        self._records = ReviewRecords(log, metrics)
        self._held = HeldBodies(limits)
        self.plain = PlainRequests(self._reviewer, self._records, self.health, metrics, limits, self._held)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"]
        phase = PHASES.get(path)
        try:
            if phase is not None:
                await self._review(scope, receive, send, phase)
            elif path in PROBES:
                await self.health.answer(scope, send)
            else:
                raise HttpRefusal(404, "no such path: reviews go to /validate, /mutate or /advise")
        except HttpRefusal as refusal:
            self._metrics.refusals.labels(refusal.status).inc()
            allow = [(b"allow", b"POST" if phase else b"GET, HEAD")] if refusal.status == 405 else []
            await respond(
                send,
                refusal.status,
                f"{refusal}\n".encode(),
                headers=[CLOSE, *allow],
            )
        except _Disconnected:
            return

    async def _review(self, scope: Scope, receive: Receive, send: Send, phase: Phase) -> None:
        length = check_head(scope["method"], scope["headers"], self._limits)
        patience = min(self._limits.seconds_for_body, patience_of(scope.get("query_string", b"")))
        deadline = time.monotonic() + patience
        self._metrics.in_flight.inc()
        body = ReceivedBody(self._held)
        try:
            try:
                async with asyncio.timeout(patience):
                    while _take(await receive(), body):
                        pass
            except TimeoutError:
                raise HttpRefusal(408, f"the body was not whole after {patience:g} s") from None
            if length is not None and body.length != length:
                raise HttpRefusal(400, f"the body has {body.length} bytes, content-length says {length}")
            started = time.perf_counter()
            reviewed = await self._reviewer.answer(body.whole, phase, deadline)
            seconds = time.perf_counter() - started
        finally:
            body.let_go()
            self._metrics.in_flight.dec()
        headers = [CLOSE] if self.health.draining else []
        await respond(send, reviewed.status, reviewed.body, JSON, headers)
        self._records.keep(reviewed, phase, seconds)


def _take(message: Message, body: ReceivedBody) -> bool:
    """Add what has arrived to a body, and tell whether more is to come. Raises HttpRefusal: as `add` does."""
    if message["type"] == "http.disconnect":
        raise _Disconnected
    body.add(message.get("body", b""))
    more: bool = message.get("more_body", False)
    return more
