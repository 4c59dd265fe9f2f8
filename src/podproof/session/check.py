"""The pipeline of `check`: inputs come in, everything that is to be said about them goes out as one Result.

inputs → manifest → kube (the pods, and what the API server says) → policies (Pod Security) → findings with
their places. Each document ends as a workload, as another object, or as skipped with its reason. This module
writes nothing and knows no command line.
"""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

import msgspec

from ..findings import Finding, Severity
from ..inputs.input import InputObject, SkippedInput, UnreadableInput
from ..manifest.document import Document, Place
from ..results.checked import CheckedObject, Located, Result, Skipped, Summary
from .judging.across import Across
from .judging.judge import Judge, Judged
from .judging.recover import Copies, point
from .judging.selection import UNREADABLE, Selection
from .sources import Input

__all__ = ["check"]

_AS_IF = "the document counts as not read; what is found in it below holds once that is written"
_NOTHING_ELSE = "the document counts as not read; once that is written, nothing else is found in it"


def check(inputs: Iterable[Input], judge: Judge, selection: Selection) -> Result:
    """Judge every object of the inputs, in their order."""
    started = perf_counter()
    run = _Run(judge, selection)
    for result, data in inputs:
        run.add(result, data)
    return run.result(lambda: perf_counter() - started)


class _Run:
    """Collects what one run finds."""

    def __init__(self, judge: Judge, selection: Selection) -> None:
        self.judge = judge
        self.selection = selection
        self.objects: list[CheckedObject] = []
        self.pages: list[list[Located]] = []
        """Findings, in a list for each object."""
        self.across = Across(selection)
        self.skipped: list[Skipped] = []
        self.files: set[str] = set()
        self.documents = self.policies = self.others = self.undecided = 0
        self.copies = Copies()
        self.ignored: dict[str, frozenset[str]] = {}

    def add(self, result: InputObject | SkippedInput | UnreadableInput, data: bytes) -> None:
        """Take one object, or what stands in its place; `data` are the bytes of its file."""
        file = result.document.file if isinstance(result, InputObject) else result.file
        if isinstance(result, InputObject) or result.document is not None:
            self.files.add(file)
            self.documents += 1
        if isinstance(result, SkippedInput):
            self.skipped.append(Skipped(file, result.document, result.line, result.reason))
        elif isinstance(result, UnreadableInput):
            self.skipped.append(Skipped(file, result.document, result.line, result.message))
            self._unreadable(result, data)
        else:
            judged, ignored = self._judge(result)
            self._take(judged, result.document, ignored)

    def _judge(self, item: InputObject) -> tuple[Judged, frozenset[str]]:
        document = item.document
        ignored = self.ignored.get(document.file)
        if ignored is None:
            ignored = self.ignored[document.file] = self.selection.ignored_in(document.file)
        judged = self.judge.judge(
            document,
            item.route_prefix,
            item.value,
            _after_dots(document),
            lambda check: self.selection.reports(check, ignored),
        )
        return judged, ignored

    def _take(self, judged: Judged, document: Document, ignored: frozenset[str]) -> None:
        if judged.pods:
            self.objects.extend(judged.pods)
        elif judged.policy is not None:
            self.policies += 1
        else:
            self.others += 1
        if not self.selection.reports("wrong-type", ignored):
            # What ignores the reason why a pod could not be judged must not pass for an allowed pod.
            self.undecided += sum(pod.pod_security is None for pod in judged.pods)
            self.undecided += judged.policy == "undecided"
        self.across.add(
            judged,
            len(self.pages),
            lambda finding: self._locate(finding, judged, document),
            ignored,
        )
        self.pages.append(self._located(judged, document, ignored))

    def _located(
        self, judged: Judged, document: Document, ignored: frozenset[str], read_as: str = ""
    ) -> list[Located]:
        return [
            self._locate(finding, judged, document, read_as)
            for finding in judged.findings
            if self.selection.reports(finding.check, ignored)
        ]

    def _locate(self, finding: Finding, judged: Judged, document: Document, read_as: str = "") -> Located:
        severity = self.selection.severity.get(finding.check)
        if severity is not None:
            finding = msgspec.structs.replace(finding, severity=severity)
        place, related = _places(finding, document, judged.route)
        return Located(
            finding=finding,
            file=document.file,
            place=place,
            document=document.index,
            object=judged.object,
            source=document.source,
            lines=document.lines,
            related=related,
            read_as=read_as,
        )

    def _unreadable(self, lost: UnreadableInput, data: bytes) -> None:
        """Say what cannot be read, and what the rest of it has, as far as it is clear how to read on."""
        self.undecided += 1
        copy = self.copies.of(lost, data)
        faults = [(point(lost.line, lost.column), lost.message)]
        pages: list[list[Located]] = []
        said: tuple[str, ...] = ()
        if copy is not None:
            faults.extend(copy.faults)
            for item in copy.items:
                judged, ignored = self._judge(item)
                pages.append(self._located(judged, item.document, ignored, copy.read_as))
            if copy.broken is None:
                said = (_AS_IF if any(pages) else _NOTHING_ELSE,)
        lines = self.copies.text(data).lines if data and lost.document is not None else ()
        self.pages.append(
            [
                Located(
                    Finding(UNREADABLE, Severity.ERROR, message, help=() if number else said),
                    lost.file,
                    place,
                    lost.document,
                    lines=lines,
                )
                for number, (place, message) in enumerate(faults)
            ]
        )
        self.pages.extend(pages)

    def _findings(self) -> list[Located]:
        """Add what only the whole run shows, and put the findings of each object in the order of its text."""
        for page, located in self.across.findings():
            self.pages[page].append(located)
        for held in self.pages:
            held.sort(key=lambda located: (located.place.line, located.place.column))
        return [located for held in self.pages for located in held]

    def result(self, seconds: Callable[[], float]) -> Result:
        """Sum up."""
        findings = self._findings()
        severities = [located.finding.severity for located in findings]
        summary = Summary(
            files=len(self.files),
            documents=self.documents,
            workloads=len(self.objects),
            containers=sum(len(entry.containers) for entry in self.objects),
            policies=self.policies,
            other_objects=self.others,
            skipped=len(self.skipped),
            errors=severities.count(Severity.ERROR),
            warnings=severities.count(Severity.WARNING),
            notes=severities.count(Severity.NOTE),
            seconds=round(seconds(), 6),
        )
        judge = self.judge
        return Result(
            level=judge.level,
            version=judge.version,
            evaluated_version=judge.evaluated_version,
            kubernetes_version=judge.kubernetes_version,
            summary=summary,
            objects=tuple(self.objects),
            findings=tuple(findings),
            skipped=tuple(self.skipped),
            undecided=self.undecided,
        )


def _after_dots(document: Document) -> bool:
    """Tell whether the line before the document's content, blanks aside, is `...`."""
    if document.index == 1:
        return False
    lines = document.lines
    for number in range(document.line - 1, 0, -1):
        text = lines[number - 1].strip()
        if text:
            return text == "..."
    return False


def _places(
    finding: Finding, document: Document, base: tuple[str | int, ...]
) -> tuple[Place, tuple[tuple[Place, str], ...]]:
    """Find where a finding is shown, and the other places it names."""
    if finding.check == "duplicate-key":
        places = document.duplicate_places(base + finding.route)
        if places:
            return places[-1], tuple((place, "overwritten") for place in places[:-1])
    place = _place(document, base + finding.route, at_key=finding.at_key)
    if not finding.related:
        return place, ()
    return place, tuple((_place(document, base + route), "") for route in finding.related)


def _place(document: Document, route: tuple[str | int, ...], *, at_key: bool = False) -> Place:
    """Mark a scalar by its value; a mapping or a list, and what stands for an absent field, by its key."""
    value: Any = document.value
    depth = 0
    for step in route:
        if value.__class__ is dict and step not in value:
            break  # most fields that are missed: an exception would cost more than the rest of the way
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            break
        depth += 1
    existing = route[:depth]
    if not existing:
        return _first_line(document, existing)
    if isinstance(existing[-1], int):
        return _first_line(document, existing) if isinstance(value, dict) else document.place(existing)
    by_key = at_key or depth < len(route) or isinstance(value, dict | list) or value is None
    return document.place(existing, key=by_key)


def _first_line(document: Document, route: tuple[str | int, ...]) -> Place:
    """Mark a mapping that has no key of its own (a document, an item) up to its first line's end."""
    place = document.place(route)
    if place.end_line == place.line:
        return place
    line = document.lines[place.line - 1]
    end = len(line.split(" #", 1)[0].rstrip()) + 1
    return Place(
        place.line, place.column, place.offset, place.line, max(end, place.column + 1), place.end_offset
    )
