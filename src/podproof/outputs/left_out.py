"""Lines of `check --verbose` for what was not judged: values come in, a line for each goes out."""

from ..results.checked import NotJudged, ObjectRef, Pattern, Skipped
from ..results.segment import Segment
from .paint import Paint
from .plain import one_line, width
from .wrapping import wrap

__all__ = ["LEFT_OUT", "left_out", "name_of"]

LEFT_OUT = ("skipped", "patterns", "not_judged")
"""The sections, in the order in which they are written."""


def left_out(segment: Segment, paint: Paint, columns: int | None = None) -> dict[str, list[str]]:
    """Write the lines of each section, broken at words where there are `columns`."""
    pages = segment.pages
    return {
        "skipped": [_line(paint, columns, *_skipped(skipped)) for skipped in segment.skipped],
        "patterns": [
            _line(paint, columns, *_pattern(page.pattern)) for page in pages if page.pattern is not None
        ],
        "not_judged": [
            _line(paint, columns, *_not_judged(page.not_judged))
            for page in pages
            if page.not_judged is not None
        ],
    }


def name_of(named: ObjectRef | None) -> str:
    """Name an object by its kind and its name, as far as it says them; None is all of a file."""
    if named is None:
        return "this file"
    return f"{named.kind} {named.name}" if named.name else str(named.kind)


def _skipped(skipped: Skipped) -> tuple[str, str, str]:
    file = one_line(skipped.file)
    place = file if skipped.document is None else f"{file}:{skipped.line}"
    return place, "skipped", skipped.reason


def _pattern(pattern: Pattern) -> tuple[str, str, str]:
    place = f"{one_line(pattern.file)}:{pattern.line}"
    return place, "pattern", f"{name_of(pattern.object)}: {pattern.reason}"


def _not_judged(entry: NotJudged) -> tuple[str, str, str]:
    more = entry.places - len(entry.routes)
    routes = [*entry.routes, *([f"{more:,} more"] if more else ())]
    reason = "; ".join(part for part in (", ".join(routes), *entry.reasons) if part)
    place = f"{one_line(entry.file)}:{entry.line}"
    return place, "not judged", f"{name_of(entry.object)}: {reason}"


def _line(paint: Paint, columns: int | None, place: str, what: str, reason: str) -> str:
    reason = one_line(reason)
    if columns is None or width(place) + 2 + len(what) + 2 + width(reason) <= columns:
        return f"{paint('bold', place)}  {paint('dim', what)}  {reason}\n"
    lines = (f"    {line}\n" for line in wrap(reason, columns - 4))
    return "".join((f"{paint('bold', place)}  {paint('dim', what)}\n", *lines))
