"""Runs `fix`: every object of every file is mended, then the edits are made in the text of the file."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from typing import Any

import msgspec

from ...edits.edit import Edit, Fix, based
from ...edits.text.apply import TextEditError, edit_text
from ...edits.text.spans import change_text
from ...findings import Finding, format_route
from ...fixes.mistakes import UNKNOWN_FIELD
from ...fixes.order import key_order
from ...fixes.remedies import remedy_of
from ...inputs.input import InputObject, SkippedInput, UnreadableInput
from ...inputs.stdin import NAME as STDIN
from ...manifest.document import Document
from ...results.checked import ObjectRef, Skipped
from ...results.fixed import FileFix, Fixed, FixedObject, FixTrial, LeftOver, TakenBack
from ..check import share
from ..judging.ignores import Ignores
from ..judging.judge import Judge, Judged
from ..judging.places import judge_in, locate
from ..judging.segment import SharedFacts
from ..judging.selection import Selection, may_ignore
from ..sources import Input
from .decisions import AppliedChange, WrittenEdit, WrittenEdits, applied_changes, decision_of
from .objects import ObjectFix, fix_object
from .options import FixOptions, Tried
from .repairs import RepairedFile, merged, repair_file, with_repairs
from .trial import Trials, try_fix

__all__ = ["fix_manifests"]

_BOM = b"\xef\xbb\xbf"


def fix_manifests(
    inputs: Iterable[Input],
    judge: Judge,
    selection: Selection,
    options: FixOptions,
    *,
    in_text: bool = True,
    make_trials: Callable[[list[Any]], Trials] | None = None,
) -> Fixed:
    """Mend all objects of the inputs; nothing is written.

    Without `in_text`, the objects are mended and their files are not: no text has to be edited.
    With `make_trials`, which is given all objects, what is planned is run. Raises Interrupted: a signal ended
    these runs; EngineError: their engine is gone.
    """
    entries = list(inputs)
    shared = share([item.value for item, _ in entries if isinstance(item, InputObject)])
    if shared.storage:
        judge = judge.with_storage(shared.storage)
    trials = None
    if make_trials is not None:
        trials = make_trials([item.value for item, _ in entries if isinstance(item, InputObject)])
    run = _FixRun(judge, selection, options, shared, trials, in_text)
    for _, group in groupby(entries, key=lambda entry: _file_of(entry[0])):
        run.add(list(group))
    return Fixed(
        judge.level,
        judge.version,
        judge.evaluated_version,
        judge.kubernetes_version,
        tuple(run.files),
        run.workloads,
        tuple(run.skipped),
        tuple(run.unreadable),
        tuple(run.named),
        run.mended,
        run.after.get(STDIN, b""),
    )


def _file_of(item: InputObject | SkippedInput | UnreadableInput) -> str:
    return item.document.file if isinstance(item, InputObject) else item.file


class _Mended(msgspec.Struct):
    """An object of a file, with what was found in it before and what becomes of it."""

    item: InputObject
    judged: Judged
    errors: list[Finding]
    fixed: ObjectFix
    applied: tuple[AppliedChange, ...]
    trial: FixTrial | None = None

    def edits(self) -> tuple[Edit, ...]:
        """Give the edits with routes counted from the document."""
        edits = tuple(edit for one in self.applied for edit in one.change.edits)
        return based(Fix(edits), self.item.route_prefix).edits

    def result(self, written: WrittenEdits) -> FixedObject:
        """Say what was decided, when the file is written so."""
        base, document = self.item.route_prefix, self.item.document.index
        return self._object(
            decisions=tuple(decision_of(one, document, base, written) for one in self.applied),
            left=tuple(self._left(finding, self.fixed.value) for finding in self.fixed.left),
            taken_back=tuple(
                TakenBack(change.container, change.kind, change.what, change.why, change.checks, reason)
                for change, reason in self.fixed.taken_back
            ),
            trial=self.trial,
        )

    def unchanged(self) -> FixedObject:
        """Say that all errors are left, since nothing of the file is written."""
        return self._object(left=tuple(self._left(finding, self.item.value) for finding in self.errors))

    def _object(self, **fields: Any) -> FixedObject:
        document, base = self.item.document, self.item.route_prefix
        line = document.place(base).line if base else document.line
        return FixedObject(
            document.index, line, format_route(base) if base else "", self.judged.object, **fields
        )

    def _left(self, finding: Finding, value: Any) -> LeftOver:
        unmended = self.fixed.unmended.get(finding.route) if finding.check == UNKNOWN_FIELD else None
        place = locate(finding, self.judged, self.item.document, self.item.route_prefix).place
        return LeftOver(
            place.line,
            place.column,
            finding.check,
            finding.whole_message,
            format_route(finding.route),
            finding.container,
            unmended.why if unmended is not None else remedy_of(finding, value),
        )


class _FixRun:
    """Collects what becomes of the files."""

    def __init__(
        self,
        judge: Judge,
        selection: Selection,
        options: FixOptions,
        shared: SharedFacts,
        trials: Trials | None,
        in_text: bool,
    ) -> None:
        self.judge, self.selection, self.options, self.shared = judge, selection, options, shared
        self.in_text = in_text
        self.trials = trials
        self.named: list[ObjectRef] = []
        self.files: list[FileFix] = []
        self.skipped: list[Skipped] = []
        self.unreadable: list[Skipped] = []
        self.after: dict[str, bytes] = {}  # of standard input
        self.workloads = 0
        self.mended = 0
        self._ignores: Ignores | None = None  # those of the document that was judged last

    def add(self, entries: list[Input]) -> None:
        """Mend the objects of one file."""
        file, data = _file_of(entries[0][0]), entries[0][1]
        if file == STDIN:
            self.after[STDIN] = data
        repaired = self._repair(file, data, entries) if self.in_text else None
        if repaired is not None:
            entries = list(repaired.inputs)
        refused = ""
        mended: list[_Mended] = []
        has_ignores = may_ignore(data if repaired is None else repaired.data)
        for item, _ in entries:
            if isinstance(item, SkippedInput):
                self.skipped.append(Skipped(item.file, item.document, item.line, item.reason))
            elif isinstance(item, UnreadableInput):
                self.unreadable.append(Skipped(item.file, item.document, item.line, item.message))
                if self.in_text:
                    refused = refused or f"line {item.line} cannot be read: {item.message}"
            else:
                one = self._fix(item, has_ignores)
                self.workloads += len(one.judged.pods)
                self.named.append(one.judged.object)
                if one.fixed.worse:
                    refused = (
                        refused
                        or f"a change would make something worse, which is a bug to report: {one.fixed.worse}"
                    )
                mended.append(one)
        written: list[WrittenEdit] = []
        if self.in_text and not refused:
            try:
                written = _written(mended)
            except TextEditError as error:
                refused = str(error)
        if repaired is not None and not refused:
            written = merged(repaired, written)
        could_change = any(one.applied or one.fixed.worse for one in mended) or repaired is not None
        if refused:
            shown = [one for one in mended if one.errors or one.applied]
            if shown:
                objects = tuple(one.unchanged() for one in shown)
                values = tuple(one.item.value for one in shown)
                why = refused if could_change else ""
                self.files.append(FileFix(file, data, data, (), objects, values, why))
            return
        bom = _BOM if data.startswith(_BOM) else b""
        text = data[len(bom) :].decode("utf-8", "surrogateescape")
        edits = tuple(edit for _, edit in written)
        after = bom + change_text(text, edits).encode("utf-8", "surrogateescape") if edits else data
        if file == STDIN:
            self.after[file] = after
        shown = [
            one
            for one in mended
            if one.applied or one.fixed.left or one.fixed.taken_back or repaired is not None
        ]
        if shown:
            index = WrittenEdits(written)
            objects = tuple(one.result(index) for one in shown)
            if repaired is not None:
                objects = with_repairs(repaired, objects)
            values = tuple(one.item.value for one in shown)
            self.files.append(FileFix(file, data, after, edits, objects, values))
            self.mended += sum(len(one.errors) - len(one.fixed.left) for one in mended)
            self.mended += repaired.errors if repaired is not None else 0

    def _repair(self, file: str, data: bytes, entries: list[Input]) -> RepairedFile | None:
        reports = partial(self.selection.reports, ignored=self.selection.ignored_in(file))
        return repair_file(file, data, entries, self.options.kinds, reports)

    def _fix(self, item: InputObject, has_ignores: bool) -> _Mended:
        document = item.document
        ignored = self.selection.ignored_in(document.file)
        reports = partial(self.selection.reports, ignored=ignored)
        judged = judge_in(document, item.route_prefix, item.value, self.judge, reports, self.shared.schemas)
        ignores = None
        if has_ignores:
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

        def plan(tried: Tried) -> ObjectFix:
            options = msgspec.structs.replace(self.options, tried=tried)
            return fix_object(item.value, judged, self.judge, options, reports, stays, self.shared.schemas)

        fixed, trial = plan(Tried()), None
        if self.trials is not None and judged.pods and fixed.changes:
            seen = try_fix(item.value, fixed, plan, self.trials)
            fixed = seen.fixed
            trial = FixTrial(seen.before, seen.after, seen.tries, seen.not_concluded)
        errors = [
            finding
            for finding in judged.findings
            if finding.severity == "error" and reports(finding.check) and not stays(finding)
        ]
        return _Mended(item, judged, errors, fixed, applied_changes(item.value, fixed.changes), trial)


def _written(mended: Iterable[_Mended]) -> list[WrittenEdit]:
    """Make the edits in the text of a file. Raises TextEditError: they cannot be made."""
    edits: dict[int, tuple[Document, list[Edit]]] = {}
    for one in mended:
        document = one.item.document
        edits.setdefault(document.index, (document, []))[1].extend(one.edits())
    written = [
        (index, edit)
        for index, (document, those) in edits.items()
        if those
        for edit in edit_text(document, those, key_order)
    ]
    written.sort(key=lambda one: (one[1].start, one[1].end))
    return written
