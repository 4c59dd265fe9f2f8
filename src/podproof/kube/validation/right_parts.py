"""Parts of objects that were judged before: a value comes in, whether an equal one was right goes out.

What is remembered is the exact value with all that the verdict depends on, written as bytes; only that
nothing was wrong is remembered. Manifests write the same probes and volumes again and again.
"""

import msgspec

__all__ = ["RightParts"]

_LARGEST_KEPT = 4096
"""Bytes of a part that is worth remembering."""
_MOST_KEPT = 1024
"""So many parts of each sort are remembered: 4 MiB at most. When there are more, all are forgotten."""


class RightParts:
    """The parts of one sort that nothing is wrong with."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def key(self, *parts: object) -> bytes | None:
        """Write what the verdict depends on; None when an equal value has been found right."""
        try:
            written = _write(parts)
        except (UnicodeError, OverflowError):  # half a surrogate pair
            return b""
        return None if written in self._known else written

    def add(self, key: bytes) -> None:
        """Remember that nothing is wrong with what `key` stands for."""
        if 0 < len(key) <= _LARGEST_KEPT:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known.add(key)


_write = msgspec.msgpack.Encoder().encode
