"""What the applications of the webhook share of ASGI: its types, and a whole response."""

from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any

__all__ = ["CLOSE", "Message", "Receive", "Scope", "Send", "respond"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Coroutine[Any, Any, Message]]
"""Gives the next message of a request; a call that is given up before its end has taken nothing."""
Send = Callable[[Message], Awaitable[None]]

CLOSE = (b"connection", b"close")
"""The header that ends a connection with its response."""


async def respond(
    send: Send,
    status: int,
    body: bytes,
    content_type: bytes = b"text/plain; charset=utf-8",
    headers: list[tuple[bytes, bytes]] | None = None,
) -> None:
    """Send a whole response."""
    length = (b"content-length", b"%d" % len(body))
    every = [
        (b"content-type", content_type),
        length,
        (b"x-content-type-options", b"nosniff"),
        *(headers or ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": every})
    await send({"type": "http.response.body", "body": body})
