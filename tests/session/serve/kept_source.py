"""A source that is kept up by a scripted API server, for as long as a test needs it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any
from unittest.mock import patch

from scripted_api import LEVEL, HeardReports, ScriptedApi
from waiting import PATIENCE

from podproof import Cluster
from podproof.session.serve import namespace_look_up
from podproof.session.serve.api_source import ApiSource
from podproof.session.serve.api_watch import WatchTimes

SOON = WatchTimes(window=30, grace=PATIENCE, first_wait=0.001, longest_wait=0.01, look_again=0.01)


def one(object_: dict[str, Any]) -> bytes:
    return json.dumps(object_).encode()


class Scene:
    """A source that is kept up by a scripted server."""

    def __init__(self, api: ScriptedApi, source: ApiSource, reports: HeardReports) -> None:
        self.api, self.source, self.reports = api, source, reports

    @property
    def levels(self) -> dict[str, str | None]:
        """The namespaces of the snapshot with their levels."""
        cluster = self.source.snapshot().cluster
        assert cluster is not None
        return {name: labels.get(LEVEL) for name, labels in cluster.namespaces.items()}

    async def wait_for_levels(self, **levels: str | None) -> None:
        await self.reports.wait_until(
            lambda: self.source.snapshot().cluster is not None and self.levels == levels
        )


@contextlib.asynccontextmanager
async def scene(
    api: ScriptedApi, version: str = "latest", configuration: Any = None, **options: Any
) -> AsyncIterator[Scene]:
    """Keep a source up by a server until the block ends."""
    async with api.serving():
        configured = Cluster.from_objects(
            [] if configuration is None else [configuration], kubernetes_version=version
        )
        source = ApiSource(api.client, configured, **{"times": SOON, **options})
        reports = HeardReports()
        task = asyncio.create_task(source.keep_up(reports))
        task.add_done_callback(reports.end)
        try:
            # a busy machine is late with the answers to look-ups
            with patch.object(namespace_look_up, "PATIENCE", PATIENCE):
                yield Scene(api, source, reports)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


class Ticks:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds
