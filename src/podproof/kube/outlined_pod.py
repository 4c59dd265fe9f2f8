"""A typed pod of JSON by way of its outline, where the native reader is installed.

Text comes in; the pod goes out that the exact decoder would make, the route of a key that stands twice, or
None: it is for other readers. Of each field is proved that it has no wrong type.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from ..manifest.native_json import outline_reader
from ..manifest.route import Route
from .outline_table import OutlineTable
from .pod import Pod
from .versions import NEWEST, Minor
from .whole_pod import ReadFields, pod_of_outline

__all__ = ["OutlinedPodReader", "outlined_pod_reader"]

OutlinedPodReader = Callable[[bytes], Pod | Route | None]


def outlined_pod_reader(read: ReadFields, minor: Minor = NEWEST) -> OutlinedPodReader | None:
    """Make the reader of pods at Kubernetes 1.`minor` with those fields that are read; None: there is none.

    A field that is read and that this version does not have is odd.
    """

    def rows() -> list[tuple[Any, ...]]:
        table = OutlineTable(read)
        return table.rows(table.pod_fields(minor))

    outline_of = outline_reader(rows, 1)
    if outline_of is None:
        return None
    decode = msgspec.json.Decoder(pod_of_outline(read)).decode

    def read_pod(text: bytes) -> Pod | Route | None:
        outlines = outline_of(text)
        if outlines is None:
            return None
        return tuple(outlines) if isinstance(outlines, list) else decode(outlines[0])

    return read_pod
