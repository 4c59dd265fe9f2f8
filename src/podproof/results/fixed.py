"""What `fix` would write: each file before and after, what was decided and why, and what is left."""

from typing import Literal

import msgspec

from ..edits.text.spans import TextEdit
from ..findings import ContainerRef
from .checked import ObjectRef, Skipped

__all__ = ["FileFix", "FixDecision", "Fixed", "LeftOver"]


class FixDecision(msgspec.Struct, frozen=True):
    """One change to one object. `container` None: the pod as a whole; `line` is where the object starts."""

    line: int
    object: ObjectRef
    container: ContainerRef | None
    kind: Literal["same", "tighter", "guess"]
    what: str
    why: str
    checks: tuple[str, ...]


class LeftOver(msgspec.Struct, frozen=True):
    """A finding that stays an error; the place is that of what was written before."""

    line: int
    column: int
    object: ObjectRef
    check: str
    message: str


class FileFix(msgspec.Struct, frozen=True):
    """One file. `refused` says why nothing of it is changed though something could be; "" where it is.

    `edits` count the code points of the text without a byte order mark.
    """

    file: str
    before: bytes
    after: bytes
    edits: tuple[TextEdit, ...] = ()
    decisions: tuple[FixDecision, ...] = ()
    left: tuple[LeftOver, ...] = ()
    refused: str = ""


class Fixed(msgspec.Struct, frozen=True):
    """All files with something to mend, in their order; `workloads` counts the pods that were judged.

    `unreadable` are inputs that could not be read, of which nothing is changed.
    """

    level: str
    version: str
    files: tuple[FileFix, ...]
    workloads: int
    skipped: tuple[Skipped, ...] = ()
    unreadable: tuple[Skipped, ...] = ()
    mended: int = 0
    """Errors that the edits remove."""
    stream: bytes = b""
    """Standard input as it would be, where it was read."""
