"""What the applications of the webhook share of ASGI: its types, and whole responses."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping, Sequence
from http import HTTPStatus
from typing import Any

__all__ = [
    "CLOSE",
    "JSON",
    "Message",
    "Receive",
    "Scope",
    "Send",
    "respond",
    "write_out",
    "write_out_review",
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Coroutine[Any, Any, Message]]
Send = Callable[[Message], Awaitable[None]]

CLOSE = (b"connection", b"close")
"""The header that ends a connection with its response."""


_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_TEXT = b"text/plain; charset=utf-8"


async def respond(
    send: Send,
    status: int,
    body: bytes,
    content_type: bytes = _TEXT,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> None:
    """Send a whole response by ASGI."""
    every = _headers(body, content_type, headers or ())
    await send({"type": "http.response.start", "status": status, "headers": every})
    await send({"type": "http.response.body", "body": body})


def write_out(
    status: int,
    body: bytes,
    content_type: bytes = _TEXT,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> bytes:
    """Write a whole response as HTTP/1.1 transfers it; the same as `respond` has sent."""
    lines = [b"%s: %s\r\n" % header for header in _headers(body, content_type, headers)]
    phrase = HTTPStatus(status).phrase.encode()
    return b"".join([b"HTTP/1.1 %d %s\r\n" % (status, phrase), *lines, b"\r\n", body])


def write_out_review(body: bytes) -> bytes:
    """Write the response with an answered review, as `write_out` does, but sooner."""
    return _REVIEW % len(body) + body


def _headers(
    body: bytes, content_type: bytes, others: Iterable[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    length = (b"content-length", b"%d" % len(body))
    return [(b"content-type", content_type), length, _NO_SNIFFING, *others]


JSON = b"application/json"
_REVIEW = write_out(200, b"", JSON).replace(b"content-length: 0", b"content-length: %d")
