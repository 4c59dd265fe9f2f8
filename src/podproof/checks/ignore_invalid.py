"""An ignore that is not understood, or not allowed, has no effect: its findings count as before.

It is written `podproof: ignore[ID, …] REASON`, in a comment or as the annotation `podproof.dev/ignore`. The
reason is required: who reads the manifest next has to know why something is accepted. A check that does not
exist is named with the nearest that do; the others of the same ignore still hold.

What the API server refuses, and what keeps a pod from starting, is ignored only with
`--allow-ignoring-refusals`. That an input cannot be read, or is not judged to its end, is never ignored.

**Source:** Podproof.
"""

from collections.abc import Iterator

from ..findings import Finding
from .model.ignore import IgnoreCheck, WrittenIgnore, about


def _find(ignore: WrittenIgnore) -> Iterator[Finding]:
    return (about(CHECK, fault) for fault in ignore.faults)


CHECK = IgnoreCheck(
    id="ignore-invalid",
    summary="ignores that are not understood or not allowed",
    find=_find,
)
