"""An API server that says what a test has written down, over real connections; reports to wait for."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec
from waiting import PATIENCE

from podproof.session.serve.api_client import ApiClient
from podproof.session.serve.cluster_source import Freshness, LookUpResult
from podproof.session.serve.credentials import Anonymous
from podproof.session.serve.kubeconfig import ApiAccess

NAMESPACES = "/api/v1/namespaces"
LEVEL = "pod-security.kubernetes.io/enforce"


def namespace(name: str, version: int = 1, level: str = "", **metadata: Any) -> dict[str, Any]:
    labels = {LEVEL: level} if level else {}
    return {"metadata": {"name": name, "resourceVersion": str(version), "labels": labels, **metadata}}


def listed(*objects: dict[str, Any], version: int = 1, further: str = "") -> bytes:
    metadata = {"resourceVersion": str(version), **({"continue": further} if further else {})}
    return json.dumps({"metadata": metadata, "items": objects}).encode()


def event(type_: str, object_: dict[str, Any]) -> bytes:
    return json.dumps({"type": type_, "object": object_}).encode() + b"\n"


class Reply(msgspec.Struct, frozen=True):
    """An answer: its parts are sent one by one; then the connection is held open, cut, or the answer ends."""

    parts: Sequence[bytes] = ()
    status: int = 200
    then: str = "end"


HELD = Reply(then="hold")


class ScriptedApi:
    """Answers requests for each path by replies in their order, of which the last is repeated."""

    def __init__(self) -> None:
        self.replies: dict[tuple[str, str], list[Reply]] = {(NAMESPACES, "watch"): [HELD]}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.port = 0
        self.arrived = asyncio.Condition()
        self._let_go = asyncio.Event()

    @property
    def client(self) -> ApiClient:
        """A client of it."""
        return ApiClient(ApiAccess(f"http://127.0.0.1:{self.port}", "user x", Anonymous))

    def say(self, path: str, *replies: Reply | bytes, watch: bool = False) -> None:
        """Say from now on what is answered at a path."""
        verb = "watch" if watch else "get"
        self.replies[path, verb] = [one if isinstance(one, Reply) else Reply([one]) for one in replies]

    def let_go(self) -> None:
        """Cut every connection that is held open now."""
        self._let_go.set()
        self._let_go = asyncio.Event()

    def requests(self, path: str, verb: str = "get") -> list[dict[str, str]]:
        """The parameters of the requests so far."""
        return [parameters for asked, how, parameters in self.asked if (asked, how) == (path, verb)]

    async def wait_for_requests(self, number: int, path: str, verb: str = "get") -> None:
        """Wait until a path was asked for so often."""
        async with asyncio.timeout(PATIENCE), self.arrived:
            await self.arrived.wait_for(lambda: len(self.requests(path, verb)) >= number)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["ScriptedApi"]:
        """Serve until the block ends."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path, _, query = head.split(" ", 2)[1].partition("?")
        path = unquote(path)
        parameters = {key: values[0] for key, values in parse_qs(query).items()}
        verb = "watch" if parameters.get("watch") == "true" else "get"
        async with self.arrived:
            self.asked.append((path, verb, parameters))
            self.arrived.notify_all()
        replies = self.replies.get((path, verb), [Reply([b'{"message":"nothing here"}'], 404)])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        writer.write(f"HTTP/1.1 {reply.status} X\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        for part in reply.parts:
            writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            await writer.drain()
        if reply.then == "hold":
            await writer.drain()
            held = asyncio.create_task(reader.read())
            letting_go = asyncio.create_task(self._let_go.wait())
            await asyncio.wait([held, letting_go], return_when=asyncio.FIRST_COMPLETED)
            return False
        if reply.then == "cut":
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


class HeardReports:
    """Reports in their order, each as a tuple of its name and what it says."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, ...]] = []
        self._news = asyncio.Event()
        self.ended = False

    def end(self, _: object) -> None:
        """Have nobody wait any longer."""
        self.ended = True
        self._news.set()

    async def wait_for(self, *report: str, number: int = 1) -> None:
        """Wait until so many reports begin like this."""
        await self.wait_until(lambda: len(self.found(*report)) >= number)

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Ask again after each report until something is so."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                assert not self.ended, "what reports has ended by itself"
                self._news.clear()
                await self._news.wait()

    def found(self, *report: str) -> list[tuple[str, ...]]:
        """The reports that begin like this."""
        return [one for one in self.heard if one[: len(report)] == report]

    def _hear(self, *report: str) -> None:
        self.heard.append(report)
        self._news.set()

    def watching(self, resource: str) -> None:
        self._hear("watching", resource)

    def synced(self, resource: str, objects: int) -> None:
        self._hear("synced", resource, str(objects))

    def contact(self, resource: str) -> None:
        self._hear("contact", resource)

    def failed(self, resource: str, failing: str, message: str) -> None:
        self._hear("failed", resource, failing, message)

    def version(self, version: str, note: str) -> None:
        self._hear("version", version, note)

    def freshness(self, freshness: Freshness, reason: str) -> None:
        self._hear("freshness", freshness, reason)

    def pods_unlisted(self, namespace: str, message: str) -> None:
        self._hear("pods", namespace, message)

    def looked_up(self, result: LookUpResult) -> None:
        self._hear("looked up", result)
