"""A Checked as a run of one segment, so that programs and the command line are written by the same code."""

from ..results.checked import Checked
from ..results.segment import CheckedRun, Page, RenderedSegment, Segment

__all__ = ["run_of", "segment_of"]


def segment_of(checked: Checked) -> Segment:
    """Put everything into one segment, each object's on a page of its own; findings keep their order."""
    by_object: dict[object, Page] = {}
    for located in checked.findings:
        key = (located.file, located.document, located.object, located.read_as)
        by_object.setdefault(key, Page()).findings.append(located)
    for entry in checked.unlisted:
        key = (entry.file, entry.document, entry.object, "")
        by_object.setdefault(key, Page()).unlisted.append(entry)
    for pod in checked.objects:
        page = by_object.setdefault((pod.file, pod.document, pod.object, ""), Page())
        page.objects += (pod,)
    pages = list(by_object.values())
    pages += [Page(pattern=pattern) for pattern in checked.patterns]
    pages += [Page(not_judged=entry) for entry in checked.not_judged]
    return Segment(pages, list(checked.skipped))


def run_of(checked: Checked, rendered: RenderedSegment) -> CheckedRun:
    """Give the run that has this one segment."""
    return CheckedRun(
        level=checked.level,
        version=checked.version,
        evaluated_version=checked.evaluated_version,
        kubernetes_version=checked.kubernetes_version,
        summary=checked.summary,
        undecided=checked.undecided,
        entries=lambda: rendered.entries,
        section=lambda name: rendered.sections.get(name, ()),
    )
