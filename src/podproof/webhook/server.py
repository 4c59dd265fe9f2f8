"""One process of the webhook: two servers on sockets that are already bound, from start to a drained end.

A WebhookServer says what to serve; `serve` returns when the process was told to stop and has answered what it
had taken. SIGTERM drains: readiness ends at once, connections are closed with the next answer on them, and
after a while no new ones are taken. SIGINT, and a second SIGTERM, skip the wait.
"""

import asyncio
import contextlib
import gc
import logging
import resource
import signal
import socket
from collections.abc import Iterator
from typing import Any

import msgspec

from ..session.serve.cluster_source import ClusterSource, ExemptionNotices
from .app import WebhookApp
from .certificates import Certificates
from .decision_log import DecisionLog, ServerRecords
from .expiring_exemptions import ExpiringExemptions
from .limits import DEFAULT, ServerLimits
from .metrics import Metrics
from .metrics_app import MetricsApp
from .packages import uvicorn, uvloop
from .protocol import BoundedProtocol, bounded
from .review_protocol import reviewing
from .source_reports import WrittenReports

__all__ = ["WebhookServer", "serve"]


class WebhookServer(msgspec.Struct, frozen=True):
    """What a process serves, and where: the sockets are bound, `metrics` to the port for Prometheus.

    `warn_before` says how many seconds before its end an exemption is told of, beside log and
    metrics to `notices`.
    """

    source: ClusterSource
    certificates: Certificates
    reviews: socket.socket
    metrics: socket.socket
    limits: ServerLimits = DEFAULT
    warn_before: float = 0
    notices: ExemptionNotices | None = None


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class _Loop(uvloop.Loop):
    """A loop whose TLS servers close a connection on which the handshake takes longer than it may."""

    def __init__(self, seconds_for_handshake: float) -> None:
        super().__init__()
        self._seconds_for_handshake = seconds_for_handshake

    async def create_server(self, *parts: Any, **named: Any) -> Any:
        """Create a server, with the limit where it speaks TLS: uvicorn has no setting for it."""
        if named.get("ssl") is not None:
            named["ssl_handshake_timeout"] = self._seconds_for_handshake
        return await super().create_server(*parts, **named)


def serve(server: WebhookServer) -> None:
    """Serve until SIGTERM or SIGINT, and what is in hand then to its end."""
    gc.collect()
    gc.freeze()  # what is known of the cluster by now is not looked through for garbage again and again
    _raise_open_files()
    uvloop.run(_serve(server), loop_factory=lambda: _Loop(server.limits.seconds_for_handshake))


async def _serve(server: WebhookServer) -> None:
    metrics = Metrics()
    log = DecisionLog(metrics)
    app = WebhookApp(server.source, log, metrics, server.limits, server.warn_before)
    app.health.conditions.append(server.certificates.unready)
    _log_by(log)
    https = _make(app, reviewing(app.plain, server.limits), server.limits, server.certificates)
    http = _make(MetricsApp(metrics, app.health), bounded(server.limits), server.limits, None)
    exemptions = ExpiringExemptions(server.source, server.warn_before, notices=server.notices)
    stop, hurry = _signals()
    tasks = [
        asyncio.create_task(https.serve(sockets=[server.reviews])),
        asyncio.create_task(http.serve(sockets=[server.metrics])),
        asyncio.create_task(server.certificates.watch(log, metrics)),
        asyncio.create_task(exemptions.watch(log, metrics)),
        asyncio.create_task(server.source.keep_up(WrittenReports(log, metrics))),
    ]
    told = asyncio.create_task(stop.wait())
    while not (https.started and http.started) and not any(task.done() for task in tasks):
        await asyncio.sleep(0.005)
    app.health.tell_state()
    expires = server.certificates.expires
    log.info(
        "serving",
        reviews=_name(server.reviews),
        metrics=_name(server.metrics),
        certificate_expires=None if expires is None else expires.isoformat(),
    )
    ended, _ = await asyncio.wait([told, *tasks], return_when=asyncio.FIRST_COMPLETED)
    if told not in ended:  # what should go on until it is told to stop has not: better no process than half
        for task in ended:
            task.result()
        raise RuntimeError("a part of the server has ended by itself")
    app.health.draining = True
    log.info("stopping")
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(hurry.wait(), server.limits.seconds_to_drain)
    for part, task in ((https, tasks[0]), (http, tasks[1])):
        part.should_exit = True
        await task
    background = tasks[2:]  # until here, reviews in hand may have needed them
    for task in background:
        task.cancel()
    await asyncio.gather(*background, return_exceptions=True)
    log.info("stopped")


def _raise_open_files() -> None:
    """Allow as many open files as the system does: each connection is one, also before its handshake."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _make(
    app: WebhookApp | MetricsApp,
    protocol: type[BoundedProtocol],
    limits: ServerLimits,
    certificates: Certificates | None,
) -> _Server:
    """Make a server of an application: over TLS with certificates, else in clear."""
    return _Server(
        uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            limit_concurrency=limits.connections,
            timeout_keep_alive=limits.seconds_idle,
            timeout_graceful_shutdown=limits.seconds_to_finish,
            ssl_context_factory=None if certificates is None else lambda *_: certificates.context,
        )
    )


def _signals() -> tuple[asyncio.Event, asyncio.Event]:
    """Return what is set when the process is to stop, and when it is not to wait any longer."""
    stop, hurry = asyncio.Event(), asyncio.Event()

    def terminate() -> None:
        if stop.is_set():
            hurry.set()
        stop.set()

    def interrupt() -> None:
        stop.set()
        hurry.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, terminate)
    loop.add_signal_handler(signal.SIGINT, interrupt)
    return stop, hurry


def _log_by(log: DecisionLog) -> None:
    """Have what the HTTP server and asyncio say written by the log."""
    for name in ("uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [ServerRecords(log)], False
        logger.setLevel(logging.WARNING)


def _name(bound: socket.socket) -> str:
    host, port, *_ = bound.getsockname()
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
