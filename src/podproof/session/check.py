"""The pipeline of `check`: inputs come in, everything there is to say about them goes out as a Checked.

inputs → manifest → kube (the pods, and what the API server says) → policies (Pod Security) → findings with
their places. Each document ends as a workload, as another object, or as skipped with its reason. This module
writes nothing and knows no command line.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from time import perf_counter

import msgspec

from ..findings import MOST_LISTED, Finding, Severity
from ..inputs.input import InputObject, SkippedInput, UnreadableInput
from ..kube.custom_schemas import CustomSchemas, is_definition
from ..kube.workload import is_of_unknown_kind
from ..manifest.document import Document
from ..results.checked import (
    Checked,
    CheckedObject,
    Located,
    NotJudged,
    Pattern,
    Skipped,
    Summary,
    Unlisted,
)
from .judging.across import Across
from .judging.claims import Claims
from .judging.judge import Judge, Judged
from .judging.places import checked_objects, judge_in, judge_list_in, locate, not_judged
from .judging.recover import Copies, point
from .judging.selection import UNREADABLE, Selection
from .sources import Input

__all__ = ["check"]

_AS_IF = "the document counts as not read; what is found in it below holds once that is written"
_NOTHING_ELSE = "the document counts as not read; once that is written, nothing else is found in it"


def check(inputs: Iterable[Input], judge: Judge, selection: Selection) -> Checked:
    """Judge every object of the inputs, in their order."""
    started = perf_counter()
    run = _CheckRun(judge, selection)
    for result, data in inputs:
        run.add(result, data)
    return run.result(lambda: perf_counter() - started)


class _Page:
    """What is reported of one object: its findings, its pods, and what it is or holds beside pods."""

    __slots__ = ("findings", "not_judged", "objects", "pattern", "unlisted")

    def __init__(self, findings: list[Located] | None = None) -> None:
        self.findings = [] if findings is None else findings
        self.unlisted: list[Unlisted] = []
        self.objects: tuple[CheckedObject, ...] = ()
        self.pattern: Pattern | None = None
        self.not_judged: NotJudged | None = None


def _written(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Leave out what Kustomize may still write into a base: missing values, and the labels of selectors."""
    return tuple(
        finding
        for finding in findings
        if finding.check != "missing-value" and "`selector` does not match" not in finding.message
    )


class _CheckRun:
    """Collects what one run finds."""

    def __init__(self, judge: Judge, selection: Selection) -> None:
        self.judge = judge
        self.selection = selection
        self.pages: list[_Page] = []
        self.across = Across(selection)
        self.skipped: list[Skipped] = []
        self.files: set[str] = set()
        self.documents = self.policies = self.others = self.undecided = 0
        self.claims = Claims()
        self.schemas = CustomSchemas()
        self.waiting: list[tuple[int, InputObject, bytes]] = []
        """Objects whose definition may come later in the inputs."""
        self.copies = Copies()
        self.ignored: dict[str, frozenset[str]] = {}
        self.list: Document | None = None  # whose items are being judged

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
            self.pages.append(_Page())
            if is_definition(result.value):
                self.schemas.add(result.value)
            if is_of_unknown_kind(result.value):
                self.waiting.append((len(self.pages) - 1, result, data))
            else:
                self._take(len(self.pages) - 1, result, data)

    def _judge(self, item: InputObject, judge: Judge) -> tuple[Judged, frozenset[str]]:
        document = item.document
        ignored = self.ignored.get(document.file)
        if ignored is None:
            ignored = self.ignored[document.file] = self.selection.ignored_in(document.file)
        judged = judge_in(
            document,
            item.route_prefix,
            item.value,
            judge,
            lambda check: self.selection.reports(check, ignored),
            self.schemas,
        )
        if item.kustomized:
            judged = msgspec.structs.replace(judged, findings=_written(judged.findings))
        return judged, ignored

    def _take(self, number: int, item: InputObject, data: bytes) -> None:
        judged, ignored = self._judge(item, self.judge)
        self.claims.add(number, item, data, has_pods=bool(judged.pods))
        page = self.pages[number]
        if judged.pods:
            page.objects += checked_objects(judged, item.document, item.route_prefix)
        elif judged.policy is not None:
            self.policies += 1
        elif judged.pattern:
            document = item.document
            line = document.place(item.route_prefix).line if item.route_prefix else document.line
            page.pattern = Pattern(document.file, document.index, line, judged.object, judged.pattern)
        else:
            self.others += 1
        page.not_judged = not_judged(judged, item.document, item.route_prefix)
        self.undecided += judged.limit
        if not self.selection.reports("wrong-type", ignored):
            # A pod that could not be judged must not count as allowed when the reason is ignored.
            self.undecided += sum(pod.pod_security is None for pod in judged.pods)
            self.undecided += judged.policy == "undecided"
        self.across.add(
            judged,
            number,
            lambda finding: self._locate(finding, judged, item),
            ignored,
        )
        self._report(page, judged, item, ignored)
        if item.route_prefix and item.document is not self.list:
            self.list = item.document
            itself = judge_list_in(item.document, self.judge)
            whole = msgspec.structs.replace(item, route_prefix=())
            if itself is not None:
                self._report(page, itself, whole, ignored)

    def _report(
        self, page: _Page, judged: Judged, item: InputObject, ignored: frozenset[str], read_as: str = ""
    ) -> None:
        """Add what is found in an object to a page: each check's first findings, and a count of the rest."""
        listed: dict[str, int] = {}
        left: dict[tuple[str, Severity], int] = {}
        for finding in judged.findings:
            if not self.selection.reports(finding.check, ignored):
                continue
            count = listed[finding.check] = listed.get(finding.check, 0) + 1
            if count <= MOST_LISTED:
                page.findings.append(self._locate(finding, judged, item, read_as))
            else:
                severity = self.selection.severity.get(finding.check, finding.severity)
                left[finding.check, severity] = left.get((finding.check, severity), 0) + 1
        document = item.document
        for (check, severity), count in left.items():
            line = document.place(item.route_prefix).line if item.route_prefix else document.line
            page.unlisted.append(
                Unlisted(check, severity, document.file, document.index, line, judged.object, count)
            )

    def _locate(self, finding: Finding, judged: Judged, item: InputObject, read_as: str = "") -> Located:
        severity = self.selection.severity.get(finding.check)
        return locate(finding, judged, item.document, item.route_prefix, severity=severity, read_as=read_as)

    def _unreadable(self, lost: UnreadableInput, data: bytes) -> None:
        """Report what cannot be read, and the findings in the rest, as far as it is clear how to read on."""
        self.undecided += 1
        copy = self.copies.of(lost, data)
        faults = [(point(lost.line, lost.column), lost.message)]
        pages: list[_Page] = []
        help_lines: tuple[str, ...] = ()
        if copy is not None:
            faults.extend(copy.faults)
            for item in copy.items:
                judged, ignored = self._judge(item, self.judge)
                pages.append(_Page())
                self._report(pages[-1], judged, item, ignored, copy.read_as)
            if copy.broken is None:
                help_lines = (_AS_IF if any(page.findings for page in pages) else _NOTHING_ELSE,)
        lines = self.copies.text(data).lines if data and lost.document is not None else ()
        self.pages.append(
            _Page(
                [
                    Located(
                        Finding(UNREADABLE, Severity.ERROR, message, help=() if number else help_lines),
                        lost.file,
                        place,
                        lost.document,
                        lines=lines,
                    )
                    for number, (place, message) in enumerate(faults)
                ]
            )
        )
        self.pages.extend(pages)

    def _findings(self) -> list[Located]:
        """Add what only the whole run shows, and put the findings of each object in the order of its text."""
        storage, waiting = self.claims.again()
        judge = self.judge.with_storage(storage) if waiting else self.judge
        for number, item in waiting:
            judged, ignored = self._judge(item, judge)
            page = self.pages[number]
            page.findings, page.unlisted = [], []
            self._report(page, judged, item, ignored)
        for number, located in self.across.findings():
            self.pages[number].findings.append(located)
        for page in self.pages:
            page.findings.sort(key=lambda located: (located.place.line, located.place.column))
        return [located for page in self.pages for located in page.findings]

    def result(self, seconds: Callable[[], float]) -> Checked:
        """Judge what had to wait for the definition of its kind, and sum up."""
        for number, item, data in self.waiting:
            self._take(number, item, data)
        findings = self._findings()
        objects = [checked for page in self.pages for checked in page.objects]
        patterns = tuple(page.pattern for page in self.pages if page.pattern is not None)
        left = tuple(page.not_judged for page in self.pages if page.not_judged is not None)
        unlisted = tuple(entry for page in self.pages for entry in page.unlisted)
        severities = Counter(located.finding.severity for located in findings)
        for entry in unlisted:
            severities[entry.severity] += entry.count
        summary = Summary(
            files=len(self.files),
            documents=self.documents,
            workloads=len(objects),
            containers=sum(len(entry.containers) for entry in objects),
            policies=self.policies,
            other_objects=self.others,
            skipped=len(self.skipped),
            errors=severities[Severity.ERROR],
            warnings=severities[Severity.WARNING],
            notes=severities[Severity.NOTE],
            seconds=round(seconds(), 6),
            patterns=len(patterns),
            not_judged=len(left),
        )
        judge = self.judge
        return Checked(
            level=judge.level,
            version=judge.version,
            evaluated_version=judge.evaluated_version,
            kubernetes_version=judge.kubernetes_version,
            summary=summary,
            objects=tuple(objects),
            findings=tuple(findings),
            skipped=tuple(self.skipped),
            undecided=self.undecided,
            patterns=patterns,
            not_judged=left,
            unlisted=unlisted,
        )
