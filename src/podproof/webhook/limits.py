"""How much a client may send and how long it may take: numbers only, and the refusal that says so.

A webhook's port is open to whoever reaches it, since API servers authenticate with nothing unless they are
configured to.
"""

import msgspec

from ..admission.review import MAX_BYTES

__all__ = ["DEFAULT", "HttpRefusal", "ServerLimits"]


class ServerLimits(msgspec.Struct, frozen=True):
    """Limits of one worker; sizes in bytes, times in seconds."""

    body: int = MAX_BYTES
    bodies_together: int = 64 * 1024 * 1024
    """Bytes of bodies in memory at once: what would go beyond is refused."""
    head: int = 64 * 1024
    """Bytes of a request's first line and headers. Source: an API server sends about 300."""
    request: int = 2 * MAX_BYTES
    """Bytes of a request as it is transferred, with what chunked transfer adds."""
    seconds_for_handshake: float = 5.0
    """An API server waits for 10 s for connection, request and answer together, unless told otherwise."""
    seconds_for_head: float = 10.0
    seconds_for_body: float = 10.0
    """At most; an API server waits for 10 s unless told otherwise, and says so in its request."""
    seconds_to_read: float = 10.0
    """For a client to read its answers, once so many wait for it that nothing more is taken from it."""
    seconds_idle: int = 120
    """Between requests; longer than the 90 s after which an API server closes a connection itself, so that
    none is closed here while a review is on its way."""
    seconds_to_finish: int = 20
    """For requests in hand when the server is told to stop."""
    seconds_to_drain: float = 3.0
    """How long a server that was told to stop still takes requests, and has their connections closed."""
    connections: int = 1000
    large: int = 256 * 1024
    """Bytes from which a body is read in a thread of its own, so that others are answered meanwhile."""


DEFAULT = ServerLimits()


class HttpRefusal(Exception):
    """Says with which status and words a request is refused before anything is asked about it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
