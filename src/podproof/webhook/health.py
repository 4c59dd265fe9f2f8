"""Whether the process works, and whether reviews should be sent to it: `/livez` and `/readyz`.

What the source of the cluster says comes in, the answer to a probe goes out. Liveness depends on nothing but
the process itself: a lost API server must not have it started anew.
"""

from collections.abc import Callable

from ..session.serve.cluster_source import ClusterSource
from .limits import HttpRefusal
from .metrics import Metrics
from .responses import CLOSE, Scope, Send, respond

__all__ = ["PROBES", "Health"]

PROBES = ("/livez", "/readyz")


class Health:
    """The health of one process; `draining` is set when it is told to stop."""

    def __init__(self, source: ClusterSource, metrics: Metrics) -> None:
        self.draining = False
        self.conditions: list[Callable[[], str]] = []
        """What else has to hold before reviews should be sent here: each says why it does not, or ""."""
        self._source, self._metrics = source, metrics

    async def answer(self, scope: Scope, send: Send) -> None:
        """Answer a probe. Raises HttpRefusal: it is asked in another way than by GET."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HttpRefusal(405, "ask for health with GET")
        reason = ""
        if scope["path"] == "/readyz":
            self.tell_state()
            reason = self.unready()
        headers = [CLOSE] if self.draining else []
        await respond(send, 503 if reason else 200, f"{reason or 'ok'}\n".encode(), headers=headers)

    def unready(self) -> str:
        """Say why no reviews should be sent here; "" when they should."""
        if self.draining:
            return "the server is stopping"
        for condition in self.conditions:
            reason = condition()
            if reason:
                return reason
        snapshot = self._source.snapshot()
        if snapshot.freshness == "synced":
            return ""
        return f"the cluster is {snapshot.freshness}: {snapshot.reason}"

    def tell_state(self) -> None:
        """Set the metric that says whether the cluster is known."""
        self._metrics.synced.set(self._source.snapshot().freshness == "synced")
