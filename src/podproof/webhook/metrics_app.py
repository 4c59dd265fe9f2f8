"""The metrics as an ASGI application of its own, for a port of its own.

Requests come in, Prometheus' text goes out. It knows nothing of reviews.
"""

from .app import Receive, Scope, Send, respond
from .metrics import Metrics

__all__ = ["MetricsApp"]

_TEXT = b"text/plain; version=0.0.4; charset=utf-8"


class MetricsApp:
    """Answers `GET /metrics`."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Answer one request; its body is never looked at."""
        close = [(b"connection", b"close")]
        if scope["path"] != "/metrics":
            await respond(send, 404, b"no such path: ask for /metrics\n", headers=close)
        elif scope["method"] not in ("GET", "HEAD"):
            await respond(
                send, 405, b"ask for metrics with GET\n", headers=[*close, (b"allow", b"GET, HEAD")]
            )
        else:
            await respond(send, 200, self._metrics.write(), _TEXT)
