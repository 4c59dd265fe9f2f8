"""A typed pod of JSON by way of its outline, where the native reader is installed.

Text comes in; the pod goes out that the exact decoder would make, or None: it is for other readers. Of each
field is proved that it has no wrong type.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from ..manifest.native_json import outline_reader, server_reader
from .outline_table import Look, OutlineTable
from .pod import Pod
from .versions import NEWEST, Minor
from .whole_pod import ReadFields, pod_of_outline

__all__ = [
    "ANYTHING",
    "LeftToExactDecoder",
    "OutlinedPodReader",
    "ServerPodReader",
    "outlined_pod_reader",
    "server_pod_reader",
]

OutlinedPodReader = Callable[[bytes], Pod | None]
ServerPodReader = Callable[[bytes], tuple[Pod, int] | None]
"""Gives a pod with the facts that hold for it, as bits."""

ANYTHING = -1
"""The facts of a pod of which nobody knows what is in it: all of them."""
_NOTHING = Look()


class LeftToExactDecoder(Exception):
    """Says that no other reader than the exact decoder reads a text: a key stands twice in it."""


def outlined_pod_reader(read: ReadFields, minor: Minor = NEWEST) -> OutlinedPodReader | None:
    """Make the reader of pods at Kubernetes 1.`minor` with those fields that are read; None: there is none.

    It reads pods without unknown fields and keys twice. A field that is read and that this version does not
    have is odd.
    """
    outline_of = outline_reader(_rows(read, minor), 1)
    if outline_of is None:
        return None
    decode = msgspec.json.Decoder(pod_of_outline(read)).decode

    def read_pod(text: bytes) -> Pod | None:
        outlines = outline_of(text)
        return decode(outlines[0]) if outlines.__class__ is tuple else None

    return read_pod


def server_pod_reader(read: ReadFields, look: Look = _NOTHING) -> ServerPodReader | None:
    """Make the reader of pods as a server reads them that is not asked for strict validation.

    Of pods at the newest version it has those fields that are read, and it tells what it was to look for; all
    facts hold if that is nothing. None: there is none. It may raise LeftToExactDecoder.
    """
    outline_of = server_reader(_rows(read, NEWEST, look), 1)
    if outline_of is None:
        return None
    untold = 0 if look.facts else ANYTHING
    decode = msgspec.json.Decoder(pod_of_outline(read)).decode

    def read_pod(text: bytes) -> tuple[Pod, int] | None:
        outlined = outline_of(text)
        if outlined.__class__ is tuple:
            facts, outline = outlined  # type: ignore[misc] # there is one outline
            return decode(outline), facts | untold
        if outlined == "twice":
            raise LeftToExactDecoder
        return None

    return read_pod


def _rows(read: ReadFields, minor: Minor, look: Look = _NOTHING) -> Callable[[], list[tuple[Any, ...]]]:
    def rows() -> list[tuple[Any, ...]]:
        table = OutlineTable(read, look=look)
        return table.rows(table.pod_fields(minor))

    return rows
