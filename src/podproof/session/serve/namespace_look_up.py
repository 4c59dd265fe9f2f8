"""Single namespaces, asked for from the API server at the moment when somebody needs them.

A name comes in; the namespace as it is now, or that there is none, goes out. Many who ask for one at once
share one request; few requests are on their way at once, and only so many follow in a second, so that whoever
floods a webhook with made-up names does not flood the API server. What was found out is kept for a second.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec

from ...admission.attributes import Clock
from .api_client import ApiClient
from .api_errors import ApiServerError, AskedFor, error_of_answer
from .api_lists import MAX_PAGE_BYTES, read_body
from .cluster_source import LookUpResult
from .watched_kinds import NAMESPACES, is_namespace_name

__all__ = ["NamespaceLookUp"]

PATIENCE = 3.0
"""Seconds for an answer to begin and to go on: whoever waits for it has 3 to 10 s for the whole review."""
AT_ONCE = 8
"""Requests on their way."""
MAX_WAITING = 50
"""Names that are asked for or wait for it, where the server is slow."""
A_SECOND, BURST = 20.0, 50
"""Requests in a second, and after a pause. Source: those of upstream's webhook, pod-security-admission
v0.37.2 cmd/webhook/server/options/options.go."""
REMEMBERED = 1.0
"""Seconds; a watch tells of a change sooner, as a rule."""
MAX_REMEMBERED = 1000

Found = dict[str, Any] | None


class NamespaceLookUp:
    """Looks namespaces up through `http`, an open client."""

    def __init__(
        self,
        client: ApiClient,
        http: Any,
        told: Callable[[LookUpResult], None],
        now: Clock = time.monotonic,
    ) -> None:
        self._client, self._http, self._told, self._now = client, http, told, now
        self._asking: dict[str, asyncio.Task[Found]] = {}
        self._remembered: dict[str, tuple[float, Found]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._allowance, self._allowance_at = float(BURST), now()

    async def find(self, name: str) -> Found:
        """Return a namespace as far as it is kept; None: there is none.

        Raises ApiServerError: the server could not be asked, or is asked too much already.
        """
        if not is_namespace_name(name):
            return None
        remembered = self._remembered.get(name)
        if remembered is not None and remembered[0] > self._now():
            return remembered[1]
        task = self._asking.get(name)
        if task is None:
            self._spend(name)
            task = asyncio.create_task(self._ask(name))
            self._asking[name] = task
            task.add_done_callback(lambda done: self._done(name, done))
        return await asyncio.shield(task)

    def forget(self, name: str) -> None:
        """Forget what was found, of which a watch knows more."""
        self._remembered.pop(name, None)

    async def close(self) -> None:
        """End what is on its way."""
        for task in list(self._asking.values()):
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    def _spend(self, name: str) -> None:
        now = self._now()
        self._allowance = min(float(BURST), self._allowance + (now - self._allowance_at) * A_SECOND)
        self._allowance_at = now
        if self._allowance < 1 or len(self._asking) >= MAX_WAITING:
            self._told("refused")
            text = f"namespace {name} is not looked up: too many others are asked for at once"
            raise ApiServerError(text, "refused")
        self._allowance -= 1

    async def _ask(self, name: str) -> Found:
        asked = AskedFor("get", "namespaces", name=name)
        with self._client.errors("get", "namespaces", name=name):
            path = f"{NAMESPACES.path}/{name}"
            async with self._slots, self._http.stream("GET", path, timeout=PATIENCE) as response:
                body = await read_body(response, MAX_PAGE_BYTES)
                if response.status_code == 404:
                    return None
                if response.status_code != 200:
                    access = self._client.access
                    raise error_of_answer(response.status_code, body or b"", asked, access.server, access.who)
            found = msgspec.json.decode(body or b"", type=NAMESPACES.shape)
            return {"apiVersion": NAMESPACES.api_version, "kind": NAMESPACES.kind, **found}

    def _done(self, name: str, task: "asyncio.Task[Found]") -> None:
        del self._asking[name]
        if task.cancelled():
            return
        if task.exception() is not None:
            self._told("failed")
            return
        found = task.result()
        self._told("missing" if found is None else "found")
        now = self._now()
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered = {key: kept for key, kept in self._remembered.items() if kept[0] > now}
        self._remembered[name] = (now + REMEMBERED, found)
