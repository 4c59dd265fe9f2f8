"""A typed pod of JSON by way of its outline, where the native reader is installed.

Text comes in; the pod goes out that the exact decoder would make, or None: it is for other readers. Of each
field is proved that it has no wrong type.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from ..manifest.native_json import outline_reader
from .outline_table import Look, OutlineTable
from .pod import Pod
from .versions import NEWEST, Minor
from .whole_pod import ReadFields, pod_of_outline

if TYPE_CHECKING:
    from podproof_reader import Outline

__all__ = [
    "ANYTHING",
    "LeftToExactDecoder",
    "OddPod",
    "OutlinedPodReader",
    "ServerPodReader",
    "outlined_pod_reader",
    "server_pod_reader",
]

ANYTHING = -1
"""The facts of a pod of which nobody knows what is in it: all of them."""
_NOTHING = Look()


class LeftToExactDecoder(Exception):
    """Says that no other reader than the exact decoder reads a text: a key stands twice in it."""


class OddPod(msgspec.Struct, frozen=True):
    """A pod that a server may refuse for what it is called, or for a value of a wrong type.

    `names` is the JSON of the members by which the server knows its kind, in whatever case. `read` is the pod
    with the facts that hold for it; None: `faults` are those values that matter, with their routes.
    """

    names: bytes
    read: tuple[Pod, int] | None = None
    faults: Sequence[tuple[list[str | int], bytes]] = ()


OutlinedPodReader = Callable[[bytes], Pod | None]
ServerPodReader = Callable[[bytes], tuple[Pod, int] | OddPod | None]
"""Gives a pod with the facts that hold for it, as bits."""


def outlined_pod_reader(read: ReadFields, minor: Minor = NEWEST) -> OutlinedPodReader | None:
    """Make the reader of pods at Kubernetes 1.`minor` with those fields that are read; None: there is none.

    It reads pods without keys twice. Fields that this version does not have are unknown.
    """
    made = _outline_of_pods(read, minor)
    if made is None:
        return None
    outline, decode = made
    outline_of = outline.read

    def read_pod(text: bytes) -> Pod | None:
        outlines = outline_of(text)
        return decode(outlines[0]) if isinstance(outlines, tuple) else None

    return read_pod


def server_pod_reader(read: ReadFields, look: Look = _NOTHING) -> ServerPodReader | None:
    """Make the reader of pods as a server reads them that is not asked for strict validation.

    Of pods at the newest version it has those fields that are read, and it tells what it was to look for; all
    facts hold if that is nothing. None: there is none. It may raise LeftToExactDecoder.
    """
    made = _outline_of_pods(read, NEWEST, look)
    if made is None:
        return None
    outline, decode = made
    outline_of, refused = outline.read_as_server, outline.refused_by_server
    untold = 0 if look.facts else ANYTHING

    def read_pod(text: bytes) -> tuple[Pod, int] | OddPod | None:
        outlined: Any = outline_of(text)
        if outlined.__class__ is tuple:
            facts, part = outlined
            if facts.__class__ is int:
                return decode(part), facts | untold
            (facts, outline), names = facts, part
            return OddPod(names, (decode(outline), facts | untold))
        names_and_faults = refused(text)
        if names_and_faults is not None and names_and_faults[1]:
            return OddPod(names_and_faults[0], None, names_and_faults[1])
        if outlined == "twice":
            raise LeftToExactDecoder
        return None

    return read_pod


def _outline_of_pods(
    read: ReadFields, minor: Minor, look: Look = _NOTHING
) -> "tuple[Outline, Callable[[bytes], Pod]] | None":
    """Make the native reader of the outline of pods, and the decoder of that outline; None: there is none."""

    def rows() -> list[tuple[Any, ...]]:
        table = OutlineTable(read, look=look)
        return table.rows(table.pod_fields(minor))

    outline = outline_reader(rows, 1)
    return None if outline is None else (outline, msgspec.json.Decoder(pod_of_outline(read)).decode)
