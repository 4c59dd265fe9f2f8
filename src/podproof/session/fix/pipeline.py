"""Runs `fix`: every object of every file is mended, then the edits are made in the text of the file."""

from collections.abc import Iterable
from functools import partial
from itertools import groupby

from ...edits.edit import Edit, Fix, based
from ...edits.text.apply import TextEditError, edit_text
from ...edits.text.spans import TextEdit, change_text
from ...findings import Finding
from ...fixes.change import PlannedChange
from ...inputs.input import InputObject, SkippedInput, UnreadableInput
from ...inputs.stdin import NAME as STDIN
from ...manifest.document import Document
from ...results.checked import ObjectRef, Skipped
from ...results.fixed import FileFix, FixDecision, Fixed, LeftOver
from ..check import share
from ..judging.ignores import Ignores
from ..judging.judge import Judge, Judged
from ..judging.places import judge_in, locate
from ..judging.segment import SharedFacts
from ..judging.selection import Selection, may_ignore
from ..sources import Input
from .objects import FixOptions, ObjectFix, fix_object

__all__ = ["fix_manifests"]

_BOM = b"\xef\xbb\xbf"


def fix_manifests(inputs: Iterable[Input], judge: Judge, selection: Selection, options: FixOptions) -> Fixed:
    """Mend all objects of the inputs; nothing is written."""
    entries = list(inputs)
    shared = share([item.value for item, _ in entries if isinstance(item, InputObject)])
    if shared.storage:
        judge = judge.with_storage(shared.storage)
    run = _FixRun(judge, selection, options, shared)
    for _, group in groupby(entries, key=lambda entry: _file_of(entry[0])):
        run.add(list(group))
    return Fixed(
        judge.level,
        judge.version,
        tuple(run.files),
        run.workloads,
        tuple(run.skipped),
        tuple(run.unreadable),
        run.mended,
        run.after.get(STDIN, b""),
    )


def _file_of(item: InputObject | SkippedInput | UnreadableInput) -> str:
    return item.document.file if isinstance(item, InputObject) else item.file


class _FixRun:
    """Collects what becomes of the files."""

    def __init__(self, judge: Judge, selection: Selection, options: FixOptions, shared: SharedFacts) -> None:
        self.judge, self.selection, self.options, self.shared = judge, selection, options, shared
        self.files: list[FileFix] = []
        self.skipped: list[Skipped] = []
        self.unreadable: list[Skipped] = []
        self.after: dict[str, bytes] = {}  # of standard input
        self.workloads = 0
        self.mended = 0
        self._ignores: Ignores | None = None  # those of the document that was judged last

    def add(self, entries: list[Input]) -> None:
        """Mend the objects of one file."""
        data = entries[0][1]
        if _file_of(entries[0][0]) == STDIN:
            self.after[STDIN] = data
        broken = ""
        edits: dict[int, tuple[Document, list[Edit]]] = {}
        decisions: list[FixDecision] = []
        left: list[LeftOver] = []
        found: list[tuple[Finding, Judged, InputObject]] = []
        for item, _ in entries:
            if isinstance(item, SkippedInput):
                self.skipped.append(Skipped(item.file, item.document, item.line, item.reason))
            elif isinstance(item, UnreadableInput):
                self.unreadable.append(Skipped(item.file, item.document, item.line, item.message))
                broken = broken or f"line {item.line} cannot be read: {item.message}"
            else:
                judged, errors, fixed = self._fix(item, data)
                self.workloads += len(judged.pods)
                if fixed.worse:
                    broken = broken or f"a change would make something worse, which is a bug: {fixed.worse}"
                moved = based(Fix(fixed.edits), item.route_prefix).edits
                edits.setdefault(item.document.index, (item.document, []))[1].extend(moved)
                line = (
                    item.document.place(item.route_prefix).line if item.route_prefix else item.document.line
                )
                decisions += [_decision(change, line, judged.object) for change in fixed.changes]
                left += [_left(finding, judged, item) for finding in fixed.left]
                found += [(finding, judged, item) for finding in errors]
        if not broken:
            broken = self._write(_file_of(entries[0][0]), data, edits, decisions, left, len(found))
        if broken and decisions:
            errors_left = tuple(_left(*each) for each in found)
            self.files.append(FileFix(_file_of(entries[0][0]), data, data, left=errors_left, refused=broken))

    def _fix(self, item: InputObject, data: bytes) -> tuple[Judged, list[Finding], ObjectFix]:
        document = item.document
        ignored = self.selection.ignored_in(document.file)
        reports = partial(self.selection.reports, ignored=ignored)
        judged = judge_in(document, item.route_prefix, item.value, self.judge, reports, self.shared.schemas)
        ignores = None
        if may_ignore(data):
            ignores = self._ignores
            if ignores is None or ignores.document is not document:
                ignores = self._ignores = Ignores(document, self.selection)
            templates = tuple(pod.route for pod in judged.pods)
            ignores.take_object(item.route_prefix, item.value, judged.object, templates, 0)

        def stays(finding: Finding) -> bool:
            if ignores is None or not ignores.concerns(finding.check):
                return False
            line = document.place(item.route_prefix + finding.route).line
            return ignores.suppress(finding, item.route_prefix, line) is not None

        fixed = fix_object(item.value, judged, self.judge, self.options, reports, stays, self.shared.schemas)
        errors = [
            finding
            for finding in judged.findings
            if finding.severity == "error" and reports(finding.check) and not stays(finding)
        ]
        return judged, errors, fixed

    def _write(
        self,
        file: str,
        data: bytes,
        edits: dict[int, tuple[Document, list[Edit]]],
        decisions: list[FixDecision],
        left: list[LeftOver],
        errors: int,
    ) -> str:
        """Make the edits in the text of a file; gives why they cannot be made, "" where they are."""
        written: list[TextEdit] = []
        for document, those in edits.values():
            try:
                written += edit_text(document, those) if those else ()
            except TextEditError as error:
                return str(error)
        written.sort(key=lambda edit: (edit.start, edit.end))
        bom = _BOM if data.startswith(_BOM) else b""
        text = data[len(bom) :].decode("utf-8", "surrogateescape")
        after = bom + change_text(text, written).encode("utf-8", "surrogateescape") if written else data
        if file == STDIN:
            self.after[file] = after
        if decisions or left:
            self.files.append(FileFix(file, data, after, tuple(written), tuple(decisions), tuple(left)))
            self.mended += errors - len(left)
        return ""


def _decision(change: PlannedChange, line: int, named: ObjectRef) -> FixDecision:
    return FixDecision(line, named, change.container, change.kind, change.what, change.why, change.checks)


def _left(finding: Finding, judged: Judged, item: InputObject) -> LeftOver:
    place = locate(finding, judged, item.document, item.route_prefix).place
    return LeftOver(place.line, place.column, judged.object, finding.check, finding.whole_message)
