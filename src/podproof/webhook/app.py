"""The webhook as a raw ASGI application: what is asked at which path, and with what it is answered.

HTTP requests come in, answers go out: `/validate`, `/mutate` and `/advise` take AdmissionReviews, `/livez`
says that the process works, `/readyz` whether reviews should be sent to it. A request that is no review is
refused before anything looks at what it holds, and its connection closed. Nothing is judged here.
"""

import asyncio
import re
import time
from typing import Any

from ..admission.phases import Phase
from ..admission.request import RESOURCES
from ..session.serve.cluster_source import ClusterSource
from .decision_log import DecisionLog
from .health import PROBES, Health
from .limits import DEFAULT, HttpRefusal, ServerLimits
from .metrics import Metrics
from .responses import CLOSE, Message, Receive, Scope, Send, respond
from .reviewer import AnsweredReview, Reviewer

__all__ = ["WebhookApp"]

_PHASES: dict[str, Phase] = {"/validate": "validating", "/mutate": "mutating", "/advise": "advising"}
_TIMEOUT = re.compile(rb"(?:^|&)timeout=([1-9][0-9]?)s(?:&|$)")
_EXEMPT = "pod-security.kubernetes.io/exempt"
_NAMED = frozenset(resource for _, resource in RESOURCES.values())


class _Disconnected(Exception):
    """The client has gone before its request was whole."""


class _Received:
    """The body of a request as far as it has arrived."""

    __slots__ = ("chunks", "length")

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.length = 0


class WebhookApp:
    """Answers the requests of one process, whose `health` it tells; `warn_before` is that of the Reviewer."""

    def __init__(
        self,
        source: ClusterSource,
        log: DecisionLog,
        metrics: Metrics,
        limits: ServerLimits = DEFAULT,
        warn_before: float = 0,
    ) -> None:
        self.health = Health(source, metrics)
        self._log, self._metrics, self._limits = log, metrics, limits
        self._reviewer = Reviewer(source, log, limits, warn_before=warn_before)
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"]
        phase = _PHASES.get(path)
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
        length = _check_head(scope, self._limits)
        patience = min(self._limits.seconds_for_body, _timeout(scope))
        deadline = time.monotonic() + patience
        self._metrics.in_flight.inc()
        body = _Received()
        try:
            message = _at_once(receive)
            if message is None or self._take(message, body):
                try:
                    async with asyncio.timeout(patience):
                        while self._take(await receive(), body):
                            pass
                except TimeoutError:
                    raise HttpRefusal(408, f"the body was not whole after {patience:g} s") from None
            if length is not None and body.length != length:
                raise HttpRefusal(400, f"the body has {body.length} bytes, content-length says {length}")
            started = time.perf_counter()
            reviewed = await self._reviewer.answer(b"".join(body.chunks), phase, deadline)
            seconds = time.perf_counter() - started
        finally:
            self._held -= body.length
            self._metrics.in_flight.dec()
        headers = [CLOSE] if self.health.draining else []
        await respond(send, reviewed.status, reviewed.body, b"application/json", headers)
        self._record(reviewed, phase, seconds)

    def _take(self, message: Message, body: "_Received") -> bool:
        """Add what has arrived to a body, and tell whether more is to come.

        Raises HttpRefusal: this body has too many bytes, or all that are held have together.
        """
        if message["type"] == "http.disconnect":
            raise _Disconnected
        chunk: bytes = message.get("body", b"")
        body.chunks.append(chunk)
        body.length += len(chunk)
        self._held += len(chunk)
        if body.length > self._limits.body:
            raise HttpRefusal(413, f"a review must not have more than {self._limits.body} bytes")
        if self._held > self._limits.bodies_together:
            raise HttpRefusal(503, "too many large reviews at once")
        more: bool = message.get("more_body", False)
        return more

    def _record(self, reviewed: AnsweredReview, phase: Phase, seconds: float) -> None:
        decision, request = reviewed.decision, reviewed.request
        resource = operation = "unknown"
        members: dict[str, Any] = {}
        if request is not None:
            resource = request.resource if request.resource in _NAMED else "other"
            operation = request.operation
            members = {
                "operation": operation,
                "resource": request.group_resource,
                "subresource": request.sub_resource,
                "namespace": request.namespace,
                "name": request.name,
                "user": request.user.name,
                "dry_run": request.dry_run,
            }
        answered = "allowed" if decision.allowed else "denied"
        if reviewed.failed or request is None or (not decision.allowed and decision.code == 500):
            answered = "error"
        self._metrics.count_review(phase, operation, resource, answered, seconds)
        exempt = decision.audit_annotations.get(_EXEMPT)
        if exempt is not None:
            self._metrics.exemptions.labels(exempt).inc()
        self._log.info(
            "decision",
            phase=phase,
            uid=reviewed.uid,
            **members,
            allowed=decision.allowed,
            plugin=decision.plugin,
            code=decision.code,
            message=decision.message,
            warnings=len(decision.warnings),
            patched=bool(decision.patch),
            audit=decision.audit_annotations,
            milliseconds=round(seconds * 1000, 3),
        )


def _at_once(receive: Receive) -> Message | None:
    """Return the next message if it is there already, as that with a small body nearly always is.

    Then no timer has to be set for it, which costs as much as reading the body.
    """
    waiting = receive()
    try:
        waiting.send(None)
    except StopIteration as arrived:
        message: Message = arrived.value
        return message
    waiting.close()  # it is asked again, with a timer
    return None


def _timeout(scope: Scope) -> float:
    """Return the seconds that an API server says it waits; those that any server waits where it does not say.

    Source: apiserver v0.37.2 pkg/admission/plugin/webhook: `?timeout=10s`, of 1 to 30.
    """
    said = _TIMEOUT.search(scope.get("query_string", b""))
    return float(said[1]) if said else 30.0


def _check_head(scope: Scope, limits: ServerLimits) -> int | None:
    """Return the length that a request says its body has; None when it says none.

    Raises HttpRefusal: it is no request with a review.
    """
    if scope["method"] != "POST":
        raise HttpRefusal(405, "send reviews with POST")
    length, content_type = None, b""
    for name, value in scope["headers"]:
        if name == b"content-type":
            content_type = value
        elif name == b"content-length":
            length = int(value)  # the HTTP parser takes digits only
        elif name == b"content-encoding" and value.strip().lower() != b"identity":
            raise HttpRefusal(415, "send reviews without content-encoding")
    if content_type.partition(b";")[0].strip().lower() != b"application/json":
        raise HttpRefusal(415, "send reviews as application/json")
    if length is not None and length > limits.body:
        raise HttpRefusal(413, f"a review must not have more than {limits.body} bytes")
    return length
