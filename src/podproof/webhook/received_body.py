"""The bodies of requests as far as they have arrived, and how much all of them may hold together.

Pieces of bodies come in, whole bodies go out. Nothing looks into them here.
"""

from .limits import HttpRefusal, ServerLimits

__all__ = ["HeldBodies", "ReceivedBody"]


class HeldBodies:
    """Counts the bytes of all bodies that a process holds, so that many clients cannot fill its memory."""

    __slots__ = ("_limits", "bytes")

    def __init__(self, limits: ServerLimits) -> None:
        self._limits = limits
        self.bytes = 0

    def check(self, length: int) -> None:
        """See that neither a body that has `length` bytes so far is too large, nor all of them together are.

        Raises HttpRefusal: this body has too many bytes, or all that are held have together.
        """
        if length > self._limits.body:
            raise HttpRefusal(413, f"a review must not have more than {self._limits.body} bytes")
        if self.bytes > self._limits.bodies_together:
            raise HttpRefusal(503, "too many large reviews at once")


class ReceivedBody:
    """The body of one request as far as it has arrived; to be let go of, whatever becomes of it."""

    __slots__ = ("_chunks", "_held", "length")

    def __init__(self, held: HeldBodies) -> None:
        self._chunks: list[bytes] = []
        self._held = held
        self.length = 0

    def add(self, chunk: bytes) -> None:
        """Add what has arrived. Raises HttpRefusal: it is too much."""
        self._chunks.append(chunk)
        self.length += len(chunk)
        self._held.bytes += len(chunk)
        self._held.check(self.length)

    @property
    def whole(self) -> bytes:
        """All that has arrived, in one piece."""
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    def let_go(self) -> None:
        """Hold it no longer."""
        self._held.bytes -= self.length
        self._chunks, self.length = [], 0
