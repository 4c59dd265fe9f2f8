"""What the applications of the webhook share of ASGI: its types, and a whole response."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

__all__ = ["CLOSE", "Receive", "Scope", "Send", "respond"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

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
