"""The result of `fix` for programs: what its JSON holds, as typed values.

A Fixed comes in, a FixResult goes out. The schema `podproof/fix/v1` is made from these types: fields are only
ever added within v1, and their order is that of the JSON.
"""

import contextlib
from collections import Counter
from typing import Literal

import msgspec

from ..manifest.file_text import FileText, Place
from .checked import Replacement, Skipped
from .fixed import FileFix, Fixed, FixedObject

__all__ = ["SCHEMA", "FixResult", "FixSummary", "FixedFile", "make_fix_result"]

SCHEMA: Literal["podproof/fix/v1"] = "podproof/fix/v1"

_BOM = b"\xef\xbb\xbf"


class FixSummary(msgspec.Struct, frozen=True):
    """Counts of one run: `workloads` are the pods that were judged, `files` those that change.

    `changes` are the decisions, of which `same`, `tighter` and `guess` count the kinds. They mend `mended`
    errors, and `left` are left. `refused` counts the files of which nothing is written though something could
    be, and `unreadable` inputs that could not be read.
    """

    workloads: int
    files: int
    changes: int
    same: int
    tighter: int
    guess: int
    mended: int
    left: int
    refused: int
    unreadable: int


class FixedFile(msgspec.Struct, frozen=True):
    """A file in which something changes or is left.

    `refused` says why nothing of it is written though something could be; "" elsewhere. `edits` are in the
    order of the text and do not overlap: each is a stretch of the file as it was, with what to write in its
    place. `after` is the whole text then, without a byte order mark; None where it does not change, and where
    it is not UTF-8.
    """

    file: str
    refused: str
    edits: tuple[Replacement, ...]
    objects: tuple[FixedObject, ...]
    after: str | None


class FixResult(msgspec.Struct, frozen=True):
    """What `podproof.fix` returns and `podproof fix --format json` prints.

    `version` is as asked, `evaluated_version` what it meant. `files` are those in which something changes or
    is left. `skipped` are the inputs that hold nothing to mend, `unreadable` those that could not be read: a
    result that has one, or a file that is `refused`, is never complete.
    """

    schema: Literal["podproof/fix/v1"]
    level: Literal["privileged", "baseline", "restricted"]
    version: str
    evaluated_version: str
    kubernetes_version: str
    summary: FixSummary
    files: tuple[FixedFile, ...]
    skipped: tuple[Skipped, ...]
    unreadable: tuple[Skipped, ...]


def make_fix_result(fixed: Fixed) -> FixResult:
    """Make the result for programs of everything that was decided."""
    return FixResult(
        schema=SCHEMA,
        level=fixed.level,
        version=fixed.version,
        evaluated_version=fixed.evaluated_version,
        kubernetes_version=fixed.kubernetes_version,
        summary=_summary(fixed),
        files=tuple(map(_file, fixed.files)),
        skipped=fixed.skipped,
        unreadable=fixed.unreadable,
    )


def _summary(fixed: Fixed) -> FixSummary:
    kinds = Counter(each.kind for file in fixed.files for one in file.objects for each in one.decisions)
    return FixSummary(
        workloads=fixed.workloads,
        files=sum(file.before != file.after for file in fixed.files),
        changes=sum(kinds.values()),
        same=kinds["same"],
        tighter=kinds["tighter"],
        guess=kinds["guess"],
        mended=fixed.mended,
        left=sum(file.left for file in fixed.files),
        refused=sum(bool(file.refused) for file in fixed.files),
        unreadable=len(fixed.unreadable),
    )


def _file(file: FileFix) -> FixedFile:
    text = FileText(file.before)
    edits = []
    for edit in file.edits:
        line, column, offset = text.locate(edit.start)
        end = text.locate(edit.end)
        edits.append(Replacement(Place(line, column, offset, *end), edit.text))
    after = None
    if file.after != file.before:
        with contextlib.suppress(UnicodeDecodeError):  # a comment in another encoding
            after = file.after.removeprefix(_BOM).decode()
    return FixedFile(file.file, file.refused, tuple(edits), file.objects, after)
