"""Judges one segment of an input: its objects come in, everything there is to say about them goes out.

A segment is a file, or a stretch of whole documents of one. Definitions of custom kinds and storage objects
of other segments are an argument; what of them could concern this one, the result names. Containers of one
user are found over all segments, in `across`.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from ...findings import Finding
from ...inputs.input import InputObject, SkippedInput, UnreadableInput
from ...inputs.objects import ReadObject
from ...kube.custom_schemas import CustomSchemas, is_definition, kinds_defined
from ...kube.storage import NO_STORAGE, Storage, is_storage
from ...kube.workload import is_of_unknown_kind
from ...manifest.document import Document
from ...manifest.file_text import WHOLE, Stretch
from ...results.checked import Pattern, Skipped
from ...results.segment import Counts, Page, Segment, Sources
from ...steps import Steps, finish, in_step
from .across import Across
from .claims import may_ask
from .judge import Judge, Judged
from .places import checked_objects, judge_in_steps, judge_list_in, not_judged
from .reporting import Reporting
from .selection import Selection, may_ignore

if TYPE_CHECKING:
    from .accepting import Accepting
    from .broken import BrokenDocuments
    from .ignores import Ignores
    from .replacing import Replacing

__all__ = ["SharedFacts", "judge_segment", "segment_steps"]

_AT_ONCE = 32
"""Objects of a segment that are judged beside each other; few, so that what is known of them stays small."""


class SharedFacts(msgspec.Struct, frozen=True):
    """What the objects of a whole run tell each other."""

    schemas: CustomSchemas = msgspec.field(default_factory=CustomSchemas)
    storage: Storage = NO_STORAGE

    def concerns(self, sources: Sources) -> bool:
        """Say whether a segment has to be judged by this, in view of what it asks."""
        if sources.asks_storage and self.storage:
            return True
        return any(kind in self.schemas for kind in sources.asked)


_NOTHING_SHARED = SharedFacts()


def judge_segment(
    items: Iterable[ReadObject],
    judge: Judge,
    selection: Selection,
    *,
    data: bytes = b"",
    stretch: Stretch = WHOLE,
    shared: SharedFacts | None = None,
    allowance: Mapping[str, int] | None = None,
    replaces: bool = False,
) -> Segment:
    """Judge the objects of a segment; see `segment_steps`."""
    return finish(
        segment_steps(
            items,
            judge,
            selection,
            data=data,
            stretch=stretch,
            shared=shared,
            allowance=allowance,
            replaces=replaces,
        )
    )


def segment_steps(
    items: Iterable[ReadObject],
    judge: Judge,
    selection: Selection,
    *,
    data: bytes = b"",
    stretch: Stretch = WHOLE,
    shared: SharedFacts | None = None,
    allowance: Mapping[str, int] | None = None,
    replaces: bool = False,
    broken: tuple[int, int] | None = None,
) -> Steps[Segment]:
    """Judge the objects of a segment step by step, and report them in their order.

    `data` are its bytes, `allowance` is that of Accepting, `broken` the share of BrokenDocuments. With
    `replaces`, findings come with their fix in the text of the file, where it can be made there: never in a
    file that is so long that it was cut.
    """
    accepting = _make_accepting(selection, allowance) if selection.accepts else None
    replacing = _make_replacing() if replaces and stretch == WHOLE else None
    run = _Judging(judge, selection, data, stretch, shared or _NOTHING_SHARED, accepting, replacing, broken)
    left = iter(items)
    while several := list(islice(left, _AT_ONCE)):
        steps = [run.judge_steps(item) for item in several if isinstance(item, InputObject)]
        if len(steps) == 1:  # nearly every file
            judged = iter([(yield from steps[0])])
        else:
            judged = iter((yield from in_step(steps)))
        yield
        for item in several:
            run.add(item, next(judged) if isinstance(item, InputObject) else None)
    yield
    return run.result()


def _written(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Leave out what Kustomize may still write into a base: missing values, and the labels of selectors."""
    return tuple(
        finding
        for finding in findings
        if finding.check != "missing-value" and "`selector` does not match" not in finding.message
    )


def _make_accepting(selection: Selection, allowance: Mapping[str, int] | None) -> "Accepting":
    from .accepting import Accepting

    return Accepting(selection, allowance)


def _make_replacing() -> "Replacing":
    from .replacing import Replacing

    return Replacing()


class _Judging:
    """Collects what is found in one segment."""

    def __init__(
        self,
        judge: Judge,
        selection: Selection,
        data: bytes,
        stretch: Stretch,
        shared: SharedFacts,
        accepting: "Accepting | None",
        replacing: "Replacing | None",
        share: tuple[int, int] | None,
    ) -> None:
        self.judge = judge.with_storage(shared.storage) if shared.storage else judge
        self.selection = selection
        self.data = data
        self.stretch = stretch
        self.schemas = shared.schemas
        self.pages: list[Page] = []
        self.across = Across(selection)
        self.skipped: list[Skipped] = []
        self.counts = Counts()
        self.defined: dict[tuple[str, str], None] = {}
        self.asked: dict[tuple[str, str], None] = {}
        self.has_storage = self.has_pods = False
        self.ignored: dict[str, frozenset[str]] = {}
        self.list: Document | None = None  # whose items are being judged
        self.accepting = accepting
        self.reporting = Reporting(selection, self.counts, accepting, replacing)
        self.share = share  # of BrokenDocuments
        self.broken: BrokenDocuments | None = None
        self.may_ignore = may_ignore(data)
        self.ignores: Ignores | None = None  # those of the document that was judged last

    def judge_steps(self, item: InputObject) -> Steps[Judged]:
        """Judge one object step by step."""
        reports = self.selection.reporter(self._ignored_in(item))
        return judge_in_steps(item.document, item.route_prefix, item.value, self.judge, reports, self.schemas)

    def _ignored_in(self, item: InputObject) -> frozenset[str]:
        """Give the checks that an object's file ignores."""
        file = item.document.file
        ignored = self.ignored.get(file)
        if ignored is None:
            ignored = self.ignored[file] = self.selection.ignored_in(file)
        return ignored

    def add(self, item: ReadObject, judged: Judged | None) -> None:
        """Take one object as it was judged, or what stands in its place."""
        if isinstance(item, InputObject) or item.document is not None:
            self.counts.documents += 1
        if isinstance(item, SkippedInput):
            self.skipped.append(Skipped(item.file, item.document, item.line, item.reason))
        elif isinstance(item, UnreadableInput):
            self.skipped.append(Skipped(item.file, item.document, item.line, item.message))
            self.counts.undecided += 1
            if self.broken is None:
                from .broken import BrokenDocuments

                self.broken = BrokenDocuments(self.data, self.stretch, self.share)
            self.pages += self.broken.report(item, self._judge_copy)
        else:
            value = item.value
            if is_definition(value):
                self.defined.update(dict.fromkeys(kinds_defined(value)))
            if is_of_unknown_kind(value):
                self.asked[value["apiVersion"], value["kind"]] = None
            assert judged is not None
            self._take(item, judged)

    def _take(self, item: InputObject, judged: Judged) -> None:
        if item.kustomized:
            judged = msgspec.structs.replace(judged, findings=_written(judged.findings))
        ignored = self._ignored_in(item)
        counts = self.counts
        page = Page()
        self.pages.append(page)
        if judged.pods:
            self.has_pods = True
            page.objects = checked_objects(judged, item.document, item.route_prefix)
            page.processes = tuple([pod.processes for pod in judged.pods])
            counts.workloads += len(page.objects)
            counts.containers += sum(len(checked.containers) for checked in page.objects)
        else:
            self.has_storage = self.has_storage or is_storage(item.value)
            if judged.policy is not None:
                counts.policies += 1
            elif judged.pattern:
                document = item.document
                line = document.place(item.route_prefix).line if item.route_prefix else document.line
                page.pattern = Pattern(document.file, document.index, line, judged.object, judged.pattern)
                counts.patterns += 1
            else:
                counts.other_objects += 1
        page.not_judged = not_judged(judged, item.document, item.route_prefix)
        counts.not_judged += page.not_judged is not None
        counts.undecided += judged.limit
        ignores = self._ignores(item, judged) if self.may_ignore else None
        self.across.add(
            judged,
            len(self.pages) - 1,
            partial(self.reporting.locate, judged=judged, item=item),
            ignored,
            None if ignores is None else partial(ignores.use_across, base=item.route_prefix),
        )
        if self.accepting is not None:
            self.accepting.see(item.document.file, judged.object)
        accepted = self.reporting.report(page, judged, item, ignored, ignores=ignores)
        if "wrong-type" in accepted or not self.selection.reports("wrong-type", ignored):
            # A pod that could not be judged must not count as allowed when the reason is ignored.
            counts.undecided += sum(pod.pod_security is None for pod in judged.pods)
            counts.undecided += judged.policy == "undecided"
        if item.route_prefix and item.document is not self.list:
            self.list = item.document
            itself = judge_list_in(item.document, self.judge)
            whole = msgspec.structs.replace(item, route_prefix=())
            if itself is not None:
                if self.accepting is not None:
                    self.accepting.see(item.document.file, itself.object)
                self.reporting.report(page, itself, whole, ignored, ignores=ignores)

    def _ignores(self, item: InputObject, judged: Judged) -> "Ignores":
        """Give the ignores of the document that an object is in, and those of the object."""
        from .ignores import Ignores

        document = item.document
        ignores = self.ignores
        if ignores is None or ignores.document is not document:
            self._report_ignores()
            ignores = self.ignores = Ignores(document, self.selection)
        templates = tuple(pod.route for pod in judged.pods)
        ignores.take_object(item.route_prefix, item.value, judged.object, templates, len(self.pages) - 1)
        return ignores

    def _report_ignores(self) -> None:
        """Add what is to be said of the ignores of a document, all of whose objects are judged."""
        if self.ignores is None:
            return
        ignored = self.selection.ignored_in(self.ignores.document.file)
        for page, located in self.ignores.findings(partial(self._asks, ignored)):
            if self.selection.reports(located.finding.check, ignored):
                if self.accepting is not None:
                    suppression = self.accepting.take(located.file, located.object, located.finding)
                    located = msgspec.structs.replace(located, suppression=suppression)
                self.pages[page].findings.append(located)
        self.ignores = None

    def _asks(self, ignored: frozenset[str], check: str) -> bool:
        """Tell whether a check was asked for, and could have found something in this segment."""
        from .ignores import decides

        return self.selection.reports(check, ignored) and decides(self.judge, check)

    def _judge_copy(self, item: InputObject, read_as: str) -> Page:
        """Judge an object of a copy of what cannot be read."""
        page = Page()
        judged = finish(self.judge_steps(item))
        self.reporting.report(page, judged, item, self._ignored_in(item), read_as)
        return page

    def result(self) -> Segment:
        """Put the findings of each object in the order of its text, and count."""
        self._report_ignores()
        broken = self.broken
        if broken is not None:
            broken.finish()
        counts = self.counts
        counts.skipped = len(self.skipped)
        for page in self.pages:
            if len(page.findings) > 1:
                page.findings.sort(key=lambda located: (located.place.line, located.place.column))
            for located in page.findings:
                counts.add_located(located)
            for entry in page.unlisted:
                counts.add_findings(entry.severity, entry.count, entry.suppressed)
        sources = Sources(
            tuple(self.defined),
            tuple(self.asked),
            self.has_storage,
            self.has_pods and may_ask(self.data),
        )
        accepting = self.accepting
        return Segment(
            self.pages,
            self.skipped,
            self.across.members,
            [] if broken is None else broken.lost,
            counts,
            sources,
            {} if accepting is None else accepting.tally,
            {} if accepting is None else accepting.wanted,
            [] if accepting is None else list(accepting.seen),
            0 if broken is None else broken.count,
        )
