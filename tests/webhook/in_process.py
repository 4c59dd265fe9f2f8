"""Asks the webhook's ASGI application without a socket, and reads what it logs."""

import asyncio
import io
import json
from collections.abc import Iterable
from typing import Any

import msgspec

from podproof import Cluster
from podproof.session.serve.cluster_source import Snapshot, SourceReports
from podproof.session.serve.folder_source import FolderSource
from podproof.webhook.app import WebhookApp
from podproof.webhook.decision_log import DecisionLog
from podproof.webhook.limits import DEFAULT, ServerLimits
from podproof.webhook.metrics import Metrics


class Answer(msgspec.Struct):
    """A response: its status, headers and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def review(self) -> dict[str, Any]:
        """The response of the AdmissionReview in the body."""
        value: dict[str, Any] = json.loads(self.body)
        assert value["kind"] == "AdmissionReview"
        response: dict[str, Any] = value["response"]
        return response


class Webhook:
    """The application for a cluster or another source, with its log and metrics."""

    def __init__(self, source: Any, limits: ServerLimits = DEFAULT, stream: Any = None) -> None:
        if isinstance(source, Cluster):
            source = FolderSource(source)
        self.log, self.metrics = io.BytesIO(), Metrics()
        self.app = WebhookApp(source, DecisionLog(self.metrics, stream or self.log), self.metrics, limits)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the log."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def send(self, path: str, chunks: Iterable[bytes | float] = (), **options: Any) -> Answer:
        """Send a request; a number among the chunks is a pause in seconds, and `cut` ends it early."""
        return asyncio.run(self._send(path, chunks, **options))

    def ask(self, path: str, request: Any, version: str = "admission.k8s.io/v1") -> Answer:
        """Send a request of an AdmissionReview, whose uid is "u" unless it has one."""
        review = {"apiVersion": version, "kind": "AdmissionReview", "request": {"uid": "u", **request}}
        return self.send(path, [json.dumps(review).encode()])

    async def _send(
        self,
        path: str,
        chunks: Iterable[bytes | float],
        *,
        method: str = "POST",
        headers: dict[str, str] | None = None,
        cut: bool = False,
    ) -> Answer:
        written = {"content-type": "application/json"} if headers is None else headers
        scope = {
            "type": "http",
            "method": method,
            "path": path.partition("?")[0],
            "query_string": path.partition("?")[2].encode(),
            "headers": [(name.encode(), value.encode()) for name, value in written.items()],
        }
        pending = list(chunks)
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            while pending and isinstance(pending[0], float):
                await asyncio.sleep(pending[0])
                pending.pop(0)
            body = pending.pop(0) if pending else b""
            if cut and not pending:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": body, "more_body": bool(pending)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        if not sent:
            return Answer(0, {}, b"")
        start, body = sent
        assert body["type"] == "http.response.body"
        headers_sent = {name.decode(): value.decode() for name, value in start["headers"]}
        assert headers_sent["content-length"] == str(len(body["body"]))
        return Answer(start["status"], headers_sent, body["body"])


class FixedSource:
    """A source with one snapshot, and what it finds when it is asked for a namespace."""

    def __init__(self, snapshot: Snapshot, found: Cluster | None = None) -> None:
        self._snapshot, self._found = snapshot, found
        self.asked: list[str] = []

    def snapshot(self) -> Snapshot:
        """Return the one."""
        return self._snapshot

    async def look_up(self, namespace: str) -> Cluster | None:
        """Return what was to be found."""
        self.asked.append(namespace)
        return self._found

    async def keep_up(self, reports: SourceReports) -> None:
        """Wait to be cancelled."""
        await asyncio.Event().wait()

    async def with_pods(self, cluster: Cluster, namespace: str, seconds: float) -> Cluster:
        """Return the cluster as it is."""
        return cluster
