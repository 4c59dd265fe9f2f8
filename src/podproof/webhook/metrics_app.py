"""What those who operate the webhook ask, as an ASGI application for a port of its own: metrics and health.

Requests come in, Prometheus' text and the answers to probes go out. It knows nothing of reviews, and works
for probes that have no certificate to show.
"""

from .health import PROBES, Health
from .limits import HttpRefusal
from .metrics import Metrics
from .responses import CLOSE, Receive, Scope, Send, respond

__all__ = ["MetricsApp"]

_TEXT = b"text/plain; version=0.0.4; charset=utf-8"


class MetricsApp:
    """Answers `GET /metrics`, `/livez` and `/readyz`."""

    def __init__(self, metrics: Metrics, health: Health) -> None:
        self._metrics, self._health = metrics, health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Answer one request; its body is never looked at."""
        try:
            if scope["path"] in PROBES:
                await self._health.answer(scope, send)
            elif scope["path"] != "/metrics":
                raise HttpRefusal(404, "no such path: ask for /metrics, /livez or /readyz")
            elif scope["method"] not in ("GET", "HEAD"):
                raise HttpRefusal(405, "ask for metrics with GET")
            else:
                await respond(send, 200, self._metrics.write(), _TEXT)
        except HttpRefusal as refusal:
            allow = [(b"allow", b"GET, HEAD")] if refusal.status == 405 else []
            await respond(send, refusal.status, f"{refusal}\n".encode(), headers=[CLOSE, *allow])
