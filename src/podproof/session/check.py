"""The pipeline of `check` for programs: inputs come in, everything there is to say about them goes out.

inputs → manifest → kube (the pods, and what the API server says) → policies (Pod Security) → findings with
their places. Each document ends as a workload, as another object, or as skipped with its reason. This module
writes nothing and knows no command line, whose runs of any length `check_run` has.
"""

from collections.abc import Iterable
from itertools import groupby
from time import perf_counter

from ..inputs.input import InputObject, SkippedInput, UnreadableInput
from ..kube.custom_schemas import CustomSchemas, is_definition
from ..kube.storage import NO_STORAGE, collect_storage, is_storage
from ..results.checked import Checked
from ..results.segment import Counts, KeptMember, Segment
from .judging.across import find_across
from .judging.judge import Judge
from .judging.segment import SharedFacts, judge_segment
from .judging.selection import Selection
from .sources import Input

__all__ = ["check"]


def check(inputs: Iterable[Input], judge: Judge, selection: Selection) -> Checked:
    """Judge every object of the inputs, in their order."""
    started = perf_counter()
    segments: list[Segment] = []
    kept: dict[int, list[Input]] = {}
    files: set[str] = set()
    for file, group in groupby(inputs, key=_file_of):
        entries = list(group)
        segment = _judge(entries, judge, selection, None)
        if segment.counts.documents:
            files.add(file)
        if segment.sources:
            kept[len(segments)] = entries
        segments.append(segment)
    shared = share(
        [item.value for entries in kept.values() for item, _ in entries if isinstance(item, InputObject)]
    )
    for number, entries in kept.items():
        if shared.concerns(segments[number].sources):
            segments[number] = _judge(entries, judge, selection, shared)
    counts = Counts()
    for segment in segments:
        counts.add(segment.counts)
    _add_across(segments, selection, counts)
    pages = [page for segment in segments for page in segment.pages]
    return Checked(
        level=judge.level,
        version=judge.version,
        evaluated_version=judge.evaluated_version,
        kubernetes_version=judge.kubernetes_version,
        summary=counts.summary(len(files), perf_counter() - started),
        objects=tuple(checked for page in pages for checked in page.objects),
        findings=tuple(located for page in pages for located in page.findings),
        skipped=tuple(skipped for segment in segments for skipped in segment.skipped),
        undecided=counts.undecided,
        patterns=tuple(page.pattern for page in pages if page.pattern is not None),
        not_judged=tuple(page.not_judged for page in pages if page.not_judged is not None),
        unlisted=tuple(entry for page in pages for entry in page.unlisted),
    )


def share(values: Iterable[object]) -> SharedFacts:
    """Collect what objects tell others of a run."""
    schemas = CustomSchemas()
    storage = []
    for value in values:
        if is_definition(value):
            schemas.add(value)
        elif is_storage(value):
            storage.append(value)
    return SharedFacts(schemas, collect_storage(storage) if storage else NO_STORAGE)


def _file_of(entry: Input) -> str:
    item = entry[0]
    return item.file if isinstance(item, SkippedInput | UnreadableInput) else item.document.file


def _judge(entries: list[Input], judge: Judge, selection: Selection, shared: SharedFacts | None) -> Segment:
    items = (item for item, _ in entries)
    return judge_segment(items, judge, selection, data=entries[0][1], shared=shared)


def _add_across(segments: list[Segment], selection: Selection, counts: Counts) -> None:
    """Add what only the whole run shows to the pages of the objects that it is about."""
    members: list[KeptMember] = []
    pages = []
    pods = 0
    for segment in segments:
        for kept in segment.members:
            members.append(kept.numbered(pods))
            pages.append(segment.pages[kept.page])
        pods += max((kept.member.pod for kept in segment.members), default=0)
    for index, located in find_across(lambda: members, selection):
        counts.add_located(located)
        pages[index].findings.append(located)
    for page in pages:
        page.findings.sort(key=lambda located: (located.place.line, located.place.column))
