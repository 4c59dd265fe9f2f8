"""Mends what keeps a file from being read as it is meant: a `*` without quotes, a line `...` in its middle.

A file's inputs and bytes come in; the file as it is read after such repairs goes out, with the edits of its
text. What they make has to be read without a fault, or nothing is repaired.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence

import msgspec

from ...edits.text.compose import compose
from ...edits.text.spans import TextEdit, change_text
from ...fixes.change import ChangeKind
from ...inputs.input import InputFile, InputObject, UnreadableInput
from ...inputs.objects import read_file
from ...manifest.file_text import WHOLE, FileText
from ...results.fixed import FixDecision, FixedObject
from ..judging.recover import Copies
from ..sources import Input
from .decisions import WrittenEdit

__all__ = ["Repair", "RepairedFile", "merged", "repair_file", "with_repairs"]

_BOM = b"\xef\xbb\xbf"
_DOTS = re.compile(r"^\.\.\.[ \t]*(#[^\r\n]*)?(?:\r?\n|\Z)", re.MULTILINE)
_CONTENT = re.compile(r"^(?![ \t]*(?:#|\r?$))(.*)$", re.MULTILINE)
_MARKS = ("---", "...")
_MOST = 100
"""Repairs of one file: each is looked up among its objects. Nobody writes so many by mistake."""


class Repair(msgspec.Struct, frozen=True):
    """One edit of a text, and what it rests on; `line` is the one, from 1, on which it stands."""

    edit: TextEdit
    line: int
    kind: ChangeKind
    what: str
    why: str
    check: str


class RepairedFile(msgspec.Struct, frozen=True):
    """A file as it is read after its repairs; the edits count in the code points behind a byte order mark."""

    data: bytes
    inputs: tuple[Input, ...]
    repairs: tuple[Repair, ...]

    @property
    def edits(self) -> tuple[TextEdit, ...]:
        """The edits of all repairs, in the order of the text."""
        return tuple(repair.edit for repair in self.repairs)

    @property
    def errors(self) -> int:
        """How many errors the repairs mend."""
        return sum(repair.check == "unreadable" for repair in self.repairs)

    def line(self, line: int) -> int:
        """Count a line of what is read in the file as it is."""
        for repair in self.repairs:
            if repair.edit.text == "" and line >= repair.line:
                line += 1
        return line


def repair_file(
    file: str,
    data: bytes,
    inputs: Sequence[Input],
    kinds: Collection[ChangeKind],
    reports: Callable[[str], bool],
) -> RepairedFile | None:
    """Repair a file by changes of these kinds; None: there is nothing to repair, or it would not help.

    `reports` tells which checks were asked for. A file with more than 100 such places is left as it is.
    """
    items = [item for item, _ in inputs]
    repairs: list[Repair] = []
    if b"*" in data and any(isinstance(item, UnreadableInput) for item in items):
        repairs += _stars(data, [item for item in items if isinstance(item, UnreadableInput)])
    if b"..." in data:
        repairs += _dots(data, [item for item in items if isinstance(item, InputObject)])
    repairs = [repair for repair in repairs if repair.kind in kinds and reports(repair.check)]
    if not 0 < len(repairs) <= _MOST:
        return None
    repairs.sort(key=lambda repair: repair.edit.start)
    bom = _BOM if data.startswith(_BOM) else b""
    text = data[len(bom) :].decode("utf-8", "surrogateescape")
    changed = bom + change_text(text, [repair.edit for repair in repairs]).encode("utf-8", "surrogateescape")
    read = list(read_file(InputFile(file, changed)))
    if any(isinstance(item, UnreadableInput) for item in read):
        return None
    kustomized = any(isinstance(item, InputObject) and item.kustomized for item in items)
    again = (
        msgspec.structs.replace(item, kustomized=kustomized) if isinstance(item, InputObject) else item
        for item in read
    )
    return RepairedFile(changed, tuple((item, changed) for item in again), tuple(repairs))


def merged(repaired: RepairedFile, written: Sequence[WrittenEdit]) -> list[WrittenEdit]:
    """Give the edits of the file as it is, for edits of the file as it is read."""
    text = repaired.data.removeprefix(_BOM).decode("utf-8", "surrogateescape")
    edits = [edit for _, edit in written]
    return [
        (written[indexes[0]][0] if indexes else 0, edit)
        for edit, indexes in compose(text, repaired.edits, edits)
    ]


def with_repairs(repaired: RepairedFile, objects: Sequence[FixedObject]) -> tuple[FixedObject, ...]:
    """Tell of the repairs at the object on whose lines they are, and count all lines as they are now."""
    moved = [
        msgspec.structs.replace(
            one,
            line=repaired.line(one.line),
            left=tuple(msgspec.structs.replace(each, line=repaired.line(each.line)) for each in one.left),
        )
        for one in objects
    ]
    for repair in reversed(repaired.repairs):
        at = max((i for i, one in enumerate(moved) if one.line <= repair.line), default=0)
        decision = FixDecision(None, repair.kind, repair.what, repair.why, (repair.check,))
        moved[at] = msgspec.structs.replace(moved[at], decisions=(decision, *moved[at].decisions))
    return tuple(moved)


def _stars(data: bytes, lost: Sequence[UnreadableInput]) -> list[Repair]:
    """Put values that start with a `*` into quotes, in documents in which nothing else is broken."""
    copies = Copies(data, WHOLE)
    repairs = []
    for item in lost:
        copy = copies.of(item)
        if copy is None or copy.broken is not None:
            continue
        repairs += [
            Repair(
                TextEdit(star.start, star.end, star.written),
                place.line,
                "same",
                f"{star.written} in quotes",
                "nothing of the document can be read without them",
                "unreadable",
            )
            for place, star in copy.stars
        ]
    return repairs


def _dots(data: bytes, objects: Sequence[InputObject]) -> list[Repair]:
    """Take away lines `...` that cut an object in two, and write `---` where another object follows."""
    text = FileText(data)
    first = {item.document.index: item for item in reversed(objects) if not item.route_prefix}
    starts = sorted((item.document.line, index) for index, item in first.items())
    repairs = []
    for match in _DOTS.finditer(text.text):
        content = _CONTENT.search(text.text, match.end())
        if content is None or content[1].startswith(_MARKS):
            continue
        line = text.locate(match.start())[0]
        at = bisect_right(starts, (line, len(starts) + line))
        if not 0 < at < len(starts) or starts[at][1] != starts[at - 1][1] + 1:
            continue
        upper, lower = first[starts[at - 1][1]].value, first[starts[at][1]].value
        if not isinstance(upper, dict) or not isinstance(lower, dict):
            continue
        if "kind" in lower and "apiVersion" in lower:
            edit, what = TextEdit(match.start(), match.start() + 3, "---"), "--- in place of ..."
            why = "kubectl does not read what follows: confirm that this object is wanted"
        elif "kind" in lower or "kind" not in upper or upper.keys() & lower.keys():
            continue
        else:
            end = match.start(1) if match[1] else match.end()
            edit, what = TextEdit(match.start(), end, ""), "remove the line ..."
            why = "it ends the object, whose rest kubectl does not read: confirm that this belongs to it"
        repairs.append(Repair(edit, line, "guess", what, why, "fragment"))
    return repairs
