"""What `fix` would write: each file before and after, and of its objects what is decided and what is left."""

from typing import Any, Literal

import msgspec

from ..edits.text.spans import TextEdit
from ..findings import ContainerRef
from ..policies.levels import Level
from .checked import ObjectRef, Skipped

__all__ = [
    "FileFix",
    "FixDecision",
    "FixTrial",
    "Fixed",
    "FixedObject",
    "LeftOver",
    "PatchOperation",
    "TakenBack",
]

FixKind = Literal["same", "tighter", "guess"]


class PatchOperation(msgspec.Struct, frozen=True, omit_defaults=True):
    """An operation of a JSON Patch (RFC 6902) of an object; a removal has no value."""

    op: Literal["add", "replace", "remove"]
    path: str
    value: Any = msgspec.UNSET


class FixDecision(msgspec.Struct, frozen=True):
    """One change to one object. `container` None: the pod as a whole.

    `what` is the change in a few words and `why` what it rests on; it mends the findings of `checks`.
    `patch` applies to the object as the decisions before it have left it. `edits` are the numbers, from 0, of
    the file's edits that write it; several decisions may share one, and there is none where it is written at
    an anchor for another container. `shown` says what a trial run showed of it, "" where there was none.
    """

    container: ContainerRef | None
    kind: FixKind
    what: str
    why: str
    checks: tuple[str, ...]
    patch: tuple[PatchOperation, ...] = ()
    edits: tuple[int, ...] = ()
    shown: str = ""


class TakenBack(msgspec.Struct, frozen=True):
    """A change that is not made after all: `reason` is what was seen with it."""

    container: ContainerRef | None
    kind: FixKind
    what: str
    why: str
    checks: tuple[str, ...]
    reason: str


class FixTrial(msgspec.Struct, frozen=True):
    """How an object went when it was run, as it was `before` and as it will be `after`, in words.

    "" stands for a run that did not take place. `tries` are all runs, those for what is taken back too.
    `not_concluded` says why nothing is shown by them, "" where something is.
    """

    before: str
    after: str
    tries: int
    not_concluded: str = ""


class LeftOver(msgspec.Struct, frozen=True):
    """A finding that stays an error; the place is that of what was written before, 1-based.

    `route` is its field, counted from the object, and `remedy` what a person can do about it; "" where
    nothing is known.
    """

    line: int
    column: int
    check: str
    message: str
    route: str = ""
    container: ContainerRef | None = None
    remedy: str = ""


class FixedObject(msgspec.Struct, frozen=True):
    """One object: `document` is its 1-based number in the file, `line` where it starts.

    `route` leads to it in its document: "" for the document itself, `items[2]` in a List. `trial` None:
    no run was asked for, or nothing changes.
    """

    document: int
    line: int
    route: str
    object: ObjectRef
    decisions: tuple[FixDecision, ...] = ()
    left: tuple[LeftOver, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()
    trial: FixTrial | None = None


class FileFix(msgspec.Struct, frozen=True):
    """One file. `refused` says why nothing of it is changed though something could be; "" where it is.

    `edits` count the code points of the text without a byte order mark; `values` are the objects as they
    were.
    """

    file: str
    before: bytes
    after: bytes
    edits: tuple[TextEdit, ...] = ()
    objects: tuple[FixedObject, ...] = ()
    values: tuple[Any, ...] = ()
    refused: str = ""

    @property
    def changes(self) -> int:
        """How many decisions change it."""
        return sum(len(each.decisions) for each in self.objects)

    @property
    def left(self) -> int:
        """How many errors are left in it."""
        return sum(len(each.left) for each in self.objects)


class Fixed(msgspec.Struct, frozen=True):
    """All files with something to mend, in their order; `workloads` counts the pods that were judged.

    `version` is as asked, `evaluated_version` what it meant. `unreadable` are inputs that could not be read,
    of which nothing is changed. `named` are all objects, in which something is to mend or not.
    """

    level: Level
    version: str
    evaluated_version: str
    kubernetes_version: str
    files: tuple[FileFix, ...]
    workloads: int
    skipped: tuple[Skipped, ...] = ()
    unreadable: tuple[Skipped, ...] = ()
    named: tuple[ObjectRef, ...] = ()
    mended: int = 0
    """Errors that the edits remove."""
    stream: bytes = b""
    """Standard input as it would be, where it was read."""
