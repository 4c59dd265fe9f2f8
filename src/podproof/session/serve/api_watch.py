"""One kind of objects, kept as the API server has them: listed once, then changed by what a watch says.

A WatchedKind comes in; changes go out to a WatchedObjects, which is told of every object, of every contact
and of every failure. A watch is opened anew before long, so that one whose server has gone without a word is
noticed. What was missed meanwhile comes from the version that was seen last, or from a new list where the
server does not know that version any more. Nothing is judged here.
Source: kubernetes.io/docs/reference/using-api/api-concepts, client-go tools/cache/reflector.go.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Literal, Protocol

import msgspec

from ...admission.attributes import Clock
from .api_client import ApiClient
from .api_errors import ApiServerError, AskedFor, error_of_answer
from .api_lists import list_pages, read_body
from .watched_kinds import WatchedKind

__all__ = ["KindWatch", "WatchTimes", "WatchedObjects"]

MAX_LINE = 16 * 1024 * 1024
"""Bytes of one event: an object has at most about 3 MiB."""


LIST_AFTER = 3
"""Failures in a row after which the version is not relied on: a server may have been put back to an older
state, whose versions have not come so far."""


class WatchTimes(msgspec.Struct, frozen=True):
    """Times of watches, in seconds."""

    window: float = 30.0
    """How long a watch stays open: nothing is known to have changed that was not heard of within it."""
    grace: float = 5.0
    """So much later than promised the end of a watch may come, and the beginning of an answer."""
    first_wait: float = 0.25
    longest_wait: float = 10.0
    """Between attempts; each wait is between a half and the whole of twice the last."""
    look_again: float = 10.0
    """How long a kind that the server does not have is taken to be missing."""
    ask_version: float = 600.0
    """After which the server is asked for its version again."""
    resync: float = 1800.0
    """After which everything is listed again, whatever the watch has said."""


class WatchedObjects(Protocol):
    """Is told what a watch learns of its kind."""

    def replace(self, kind: WatchedKind, objects: Sequence[dict[str, Any]]) -> None:
        """Take these objects, and no others of the kind, to exist; there is none when the kind is missing."""
        ...

    def change(self, kind: WatchedKind, object_: dict[str, Any], *, deleted: bool) -> None:
        """Take one object to be like this, or to be gone."""
        ...

    def contact(self, kind: WatchedKind) -> None:
        """Take note that all that is known of a kind is as the server has it now."""
        ...

    def failed(self, kind: WatchedKind, error: ApiServerError, wait: float) -> None:
        """Take note of a failure, after which it is tried again in `wait` seconds."""
        ...


class _Version(msgspec.Struct, frozen=True):
    resourceVersion: str


class _AnyObject(msgspec.Struct, frozen=True):
    metadata: _Version


class _ErrorStatus(msgspec.Struct, frozen=True):
    code: int = 0


class _Event(msgspec.Struct, frozen=True):
    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]
    object: msgspec.Raw


class KindWatch:
    """Watches one kind through `http`, an open client, until it is cancelled."""

    def __init__(
        self,
        kind: WatchedKind,
        client: ApiClient,
        http: Any,
        objects: WatchedObjects,
        times: WatchTimes,
        now: Clock = time.monotonic,
    ) -> None:
        self._kind, self._client, self._http, self._objects = kind, client, http, objects
        self._times, self._now = times, now
        self._decode = msgspec.json.Decoder(kind.shape).decode
        self._version = ""
        """The version up to which everything is known; "" when it has to be listed."""
        self._listed = 0.0
        self._failures = 0

    async def run(self) -> None:
        """Keep the objects as the server has them; returns never."""
        while True:
            try:
                if not self._version:
                    with self._client.errors("list", self._kind.plural, self._kind.group):
                        await self._list()
                with self._client.errors("watch", self._kind.plural, self._kind.group):
                    await self._watch()
            except ApiServerError as error:
                await self._recover(error)

    async def _recover(self, error: ApiServerError) -> None:
        """Take what a failure says to heart, and wait before the next attempt."""
        if error.failing in ("gone", "unreadable", "missing") or self._failures >= LIST_AFTER:
            self._version = ""
        if error.failing == "missing" and self._kind.optional:
            self._failures = 0
            self._objects.replace(self._kind, ())
            self._objects.contact(self._kind)
            await asyncio.sleep(self._times.look_again)
            return
        wait = 0.0
        if error.failing != "gone" or self._failures:
            most = min(self._times.longest_wait, self._times.first_wait * 2 ** min(self._failures, 16))
            wait = most * random.uniform(0.5, 1.0)
        self._failures += 1
        self._objects.failed(self._kind, error, wait)
        await asyncio.sleep(wait)

    async def _list(self) -> None:
        asked = AskedFor("list", self._kind.plural, self._kind.group)
        found: list[dict[str, Any]] = []
        version = ""
        async for page in list_pages(self._client, self._http, self._kind.path, self._kind.shape, asked):
            found.extend(self._whole(object_) for object_ in page.items)
            version = page.version
        self._objects.replace(self._kind, found)
        self._objects.contact(self._kind)
        self._version, self._listed = version, self._now()

    async def _watch(self) -> None:
        """Follow one watch to its end."""
        began = self._now()
        if began - self._listed > self._times.resync:
            self._version = ""
            return
        window = self._times.window * random.uniform(0.8, 1.0)
        parameters = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": max(1, round(window)),
        }
        heard = False
        async with contextlib.AsyncExitStack() as stack:
            async with asyncio.timeout(self._times.grace):
                opening = self._http.stream("GET", self._kind.path, params=parameters, timeout=None)
                response = await stack.enter_async_context(opening)
            await stack.enter_async_context(asyncio.timeout(window + self._times.grace))
            if response.status_code != 200:
                body = await read_body(response, MAX_LINE)
                asked = AskedFor("watch", self._kind.plural, self._kind.group)
                access = self._client.access
                raise error_of_answer(response.status_code, body or b"", asked, access.server, access.who)
            async with contextlib.aclosing(_lines(response)) as lines:
                async for line in lines:
                    self._apply(line)
                    self._objects.contact(self._kind)
                    self._failures, heard = 0, True
        if not heard and self._now() - began < min(1.0, window / 2):
            raise ApiServerError(f"the watch of {self._kind.resource} ended as soon as it began", "refused")
        self._failures = 0
        self._objects.contact(self._kind)

    def _apply(self, line: bytes) -> None:
        event = msgspec.json.decode(line, type=_Event)
        if event.type == "ERROR":
            code = msgspec.json.decode(event.object, type=_ErrorStatus).code
            asked = AskedFor("watch", self._kind.plural, self._kind.group)
            access = self._client.access
            raise error_of_answer(code, bytes(event.object), asked, access.server, access.who)
        version = msgspec.json.decode(event.object, type=_AnyObject).metadata.resourceVersion
        if event.type != "BOOKMARK":
            object_ = self._whole(self._decode(event.object))
            self._objects.change(self._kind, object_, deleted=event.type == "DELETED")
        self._version = version

    def _whole(self, object_: dict[str, Any]) -> dict[str, Any]:
        """Add what tells of which kind it is, which lists leave out."""
        return {"apiVersion": self._kind.api_version, "kind": self._kind.kind, **object_}


async def _lines(response: Any) -> AsyncGenerator[bytes, None]:
    """Yield the whole lines of an answer; what follows the last of them was cut off and counts for nothing.

    Raises ApiServerError: a line is too long.
    """
    begun: list[bytes] = []
    held = 0
    async for chunk in response.aiter_bytes():
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            yield b"".join((*begun, line))
            begun, held = [], 0
        if rest:
            begun.append(rest)
            held += len(rest)
            if held > MAX_LINE:
                raise ApiServerError(f"an event has more than {MAX_LINE} bytes", "unreadable")
