"""Finds what was judged in the document that it was read from: routes in an object come in, places go out.

The other half of `judge`, which knows no text. Only what is reported is looked for.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from ...findings import Finding, Severity, format_route
from ...kube.workload import Learned
from ...manifest.document import Document
from ...manifest.file_text import Place
from ...manifest.route import Route, value_at
from ...results.checked import CheckedObject, Located, NotJudged
from ...steps import Steps, finish
from .judge import Judge, Judged, JudgedPod

__all__ = ["checked_objects", "judge_in", "judge_in_steps", "judge_list_in", "locate", "not_judged"]


def judge_in(
    document: Document,
    base: Route,
    value: Any,
    judge: Judge,
    reports: Callable[[str], bool],
    learned: Learned | None = None,
) -> Judged:
    """Judge the object at `base` of a document; see `judge_in_steps`."""
    return finish(judge_in_steps(document, base, value, judge, reports, learned))


def judge_in_steps(
    document: Document,
    base: Route,
    value: Any,
    judge: Judge,
    reports: Callable[[str], bool],
    learned: Learned | None = None,
) -> Steps[Judged]:
    """Judge the object at `base` of a document step by step, with what its text says beside the value.

    `learned` is what CustomResourceDefinitions say of kinds.
    """
    return judge.steps(
        value,
        duplicates=document.duplicates_below(base),
        after_dots=_after_dots(document),
        reports=reports,
        learned=learned,
    )


def judge_list_in(document: Document, judge: Judge) -> Judged | None:
    """Judge what a document's text says of a List itself; None: no key beside its items stands twice."""
    duplicates = tuple(route for route in document.duplicates if not _is_in_an_item(route))
    return judge.judge_list(document.value, duplicates) if duplicates else None


def _is_in_an_item(route: Route) -> bool:
    return any(isinstance(step, int) for step in route[:2])


def checked_objects(judged: Judged, document: Document, base: Route) -> tuple[CheckedObject, ...]:
    """Give the place of each pod: its object's, or its template's if the pod was found by shape."""
    return tuple(
        CheckedObject(
            file=document.file,
            document=document.index,
            line=_line(pod, document, base),
            object=judged.object,
            containers=pod.containers,
            pod_security=pod.pod_security,
            images=tuple(_image(document.value, base + place) for place in pod.places),
            source=document.source,
        )
        for pod in judged.pods
    )


def _image(value: Any, place: Route) -> str | None:
    image = value_at(value, (*place, "image"))
    return image if isinstance(image, str) else None


def not_judged(judged: Judged, document: Document, base: Route) -> NotJudged | None:
    """Give the place of what was not judged in an object; None: everything was."""
    unjudged = judged.unjudged
    if unjudged is None:
        return None
    route = base + unjudged.routes[0] if unjudged.routes else base
    return NotJudged(
        file=document.file,
        document=document.index,
        line=document.place(route).line if route else document.line,
        object=judged.object,
        places=unjudged.count,
        routes=tuple(format_route(route) for route in unjudged.routes),
        reasons=unjudged.reasons,
    )


def _line(pod: JudgedPod, document: Document, base: Route) -> int:
    route = base + pod.route if pod.found_by_shape else base
    return document.place(route).line if route else document.line


def locate(
    finding: Finding,
    judged: Judged,
    document: Document,
    base: Route,
    *,
    severity: Severity | None = None,
    read_as: str = "",
    with_lines: bool = True,
) -> Located:
    """Find the places of a finding; `severity` replaces its own, `read_as` is what was written in a copy.

    Without `with_lines`, no frame will be shown of it.
    """
    if severity is not None:
        finding = msgspec.structs.replace(finding, severity=severity)
    place, missing, related, more = _places(finding, document, base)
    return Located(
        finding=finding,
        file=document.file,
        place=place,
        document=document.index,
        object=judged.object,
        source=document.source,
        lines=document.lines_later if with_lines else (),
        missing=missing,
        related=related,
        more_related=more,
        read_as=read_as,
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


_MOST_RELATED = 10
"""Related places of one finding that are found and shown; the others are counted."""


def _places(
    finding: Finding, document: Document, base: Route
) -> tuple[Place, int, tuple[tuple[Place, str], ...], int]:
    """Find where a finding is shown, how much of its route is absent, and other places that it names.

    Last comes how many more it names.
    """
    if finding.check == "duplicate-key":
        places, more = document.duplicate_places(base + finding.route, _MOST_RELATED)
        if places:
            return places[-1], 0, tuple((place, "overwritten") for place in places[:-1]), more
    place, missing = _place(document, base + finding.route, at_key=finding.at_key)
    if not finding.related:
        return place, missing, (), 0
    related = finding.related[:_MOST_RELATED]
    more = len(finding.related) - len(related)
    return place, missing, tuple((_place(document, base + route)[0], "") for route in related), more


def _place(document: Document, route: Route, *, at_key: bool = False) -> tuple[Place, int]:
    """Find the place of a route, and how many of its last steps lead to nothing.

    Mark a scalar by its value; a mapping or a list, and what stands for an absent field, by its key.
    """
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
    missing = len(route) - depth
    existing = route[:depth] if missing else route
    by_key = at_key or missing > 0
    place = document.marks.get((existing, by_key))
    if place is None:
        place = document.marks[existing, by_key] = _mark(document, existing, value, by_key=by_key)
    return place, missing


def _mark(document: Document, route: Route, value: Any, *, by_key: bool) -> Place:
    """Find the place of the value at a route that exists."""
    if not route:
        return _first_line(document, route)
    if isinstance(route[-1], int):
        return _first_line(document, route) if isinstance(value, dict) else document.place(route)
    return document.place(route, key=by_key or isinstance(value, dict | list) or value is None)


def _first_line(document: Document, route: Route) -> Place:
    """Mark a mapping that has no key of its own (a document, an item) up to its first line's end."""
    place = document.place(route)
    if place.end_line == place.line:
        return place
    line = document.line_of(place)
    end = len(line.split(" #", 1)[0].rstrip()) + 1
    return Place(
        place.line, place.column, place.offset, place.line, max(end, place.column + 1), place.end_offset
    )
