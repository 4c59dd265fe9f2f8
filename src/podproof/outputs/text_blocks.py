"""The blocks of one object: its page comes in, pieces of text go out, in the order in which they are written.

A block has a line for its workload, which says what that meets, then the findings about the pod, then a part
for each container. What it teaches (a frame, fields to add) is a piece of its own, since a run shows it once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ..findings import ContainerRef
from ..results.checked import CheckedObject, Located, ObjectRef, PodSecurity, Unlisted
from ..results.segment import Page
from .object_names import object_name
from .paste import MissingFields, existing_of, paste_of
from .plain import width
from .text_rows import Layout, TextRow, clean, further
from .wrapping import cut, wrap

__all__ = ["BlockPart", "Heading", "blocks", "heading_of"]

_INDENT = "    "

_NAME = 80
"""Characters of a name that are shown; the API server takes none of more than 253."""

_IMAGE = 350
"""Characters of an image that are shown: 255 of its name and a digest. Source: distribution, reference."""

_OfContainer = tuple[ContainerRef | None, list[TextRow]]
_Images = dict[ContainerRef | None, str | None]

_ALIKE = 3
"""Findings of one check that have a line of their own in a container or the pod; the others share one."""

_KINDS = {
    "container": "container",
    "init": "init container",
    "sidecar": "sidecar",
    "ephemeral": "ephemeral container",
}


class BlockPart(msgspec.Struct, frozen=True):
    """A part of a block. Where `lesson` has been shown in the run, `brief` is written instead of `text`."""

    text: str
    lesson: str = ""
    brief: str = ""


class Heading(msgspec.Struct, frozen=True):
    """The title of a block, which ends with a line feed.

    `identity` tells its object from others, `check` is that of its first finding.
    """

    identity: str
    check: str
    text: str


def blocks(
    page: Page, findings: Sequence[Located], layout: Layout
) -> Iterator[tuple[Heading, Sequence[BlockPart]]]:
    """Give the blocks of a page: the title of each, and its pieces. `findings` are those of it to show."""
    unlisted = [entry for entry in page.unlisted if not entry.suppressed]
    if not page.objects:
        if findings:
            rows = _rows(findings, None)
            whole = findings[0].object is None
            pieces = _pieces(rows, layout, _room(rows), whole=whole)
            yield heading_of(findings[0], layout), [*pieces, *_unlisted(unlisted, layout)]
        return
    found: list[list[Located]] = [[] for _ in page.objects]
    for located in findings:
        found[_pod_of(located, page.objects)].append(located)
    for pod, of_pod in zip(page.objects, found, strict=True):
        if of_pod:
            standing = _standing(pod.pod_security)
            text = _title(pod.object, f"{pod.file}:{pod.line}", pod.source, standing, layout)
            heading = Heading(_identity(of_pod[0]), of_pod[0].finding.check, text)
            yield heading, [*_pod_pieces(pod, of_pod, layout), *_unlisted(unlisted, layout)]
            unlisted = []


def heading_of(located: Located, layout: Layout) -> Heading:
    """Give the title of what a finding is about where no pod was judged, or its block may be far."""
    place = located.file if located.object is None else f"{located.file}:{located.place.line}"
    read_as = f"if read as {located.read_as}" if located.read_as else ""
    text = _title(located.object, place, located.source, read_as, layout)
    return Heading(_identity(located), located.finding.check, text)


def _pod_of(located: Located, pods: Sequence[CheckedObject]) -> int:
    """Find which pod of an object a finding is about: the last that begins at or above its line."""
    best = 0
    for number, pod in enumerate(pods):
        if pods[best].line <= pod.line <= located.place.line and pod.line > pods[best].line:
            best = number
    return best


def _identity(located: Located) -> str:
    named = located.object
    return repr((located.file, located.document, None if named is None else msgspec.structs.astuple(named)))


def _title(named: ObjectRef | None, place: str, source: str | None, standing: str, layout: Layout) -> str:
    """Write what an object is, where it is, and what it meets; on several lines where they are narrow."""
    most = min(_NAME, layout.columns - len(_INDENT))
    called = "" if named is None else _called(named, most)
    what = [(called, "bold"), (clean(source or "", most), "bold")]
    where = (clean(place), "dim" if called else "bold")
    meets = (clean(standing, most), "plain")
    whole = [part for part in (*what, where, meets) if part[0]]
    if sum(width(text) + 3 for text, _ in whole) - 3 <= layout.columns:
        return _text([_joined(whole, layout)])
    # a long path has a line of its own, where it can be selected
    parts = [part for part in (*what, meets) if part[0]]
    lines: list[list[tuple[str, str]]] = []
    used = 0
    for part in parts:
        wide = width(part[0]) + 3
        if lines and used + wide <= layout.columns:
            lines[-1].append(part)
        else:
            lines.append([part])
            used = len(_INDENT)
        used += wide
    return _text(
        _INDENT * bool(number) + _joined(line, layout) for number, line in enumerate([*lines, [where]])
    )


def _joined(parts: Iterable[tuple[str, str]], layout: Layout) -> str:
    return " · ".join(layout.paint(style, text) for text, style in parts)


def _called(named: ObjectRef, most: int) -> str:
    return cut(object_name(named.kind, named.namespace if named.name else None, named.name), most)


def _standing(security: PodSecurity | None) -> str:
    """Say what a pod meets of the level that was asked for, and how far it is from that."""
    if security is None:
        return "could not be judged"
    if security.level == "privileged":
        return ""
    asked = security.level if security.version == "latest" else f"{security.level}:{security.version}"
    if security.allowed:
        return f"meets {asked}"
    baseline, restricted = security.lacking.baseline, security.lacking.restricted
    if restricted is None:
        return f"{asked} lacks {baseline}"
    if baseline:
        return f"baseline lacks {baseline}, {asked} {restricted}"
    return f"meets baseline; {asked} lacks {restricted}"


def _pod_pieces(pod: CheckedObject, findings: Sequence[Located], layout: Layout) -> Iterator[BlockPart]:
    """Give what is about the pod, then what is about each container, in the order of the containers."""
    images: _Images = {None: None}
    images |= dict(zip(pod.containers, pod.images, strict=False))
    found: dict[ContainerRef | None, list[Located]] = {reference: [] for reference in images}
    for located in findings:
        found.setdefault(located.finding.container, []).append(located)
    rows = [(reference, _rows(of_it, reference)) for reference, of_it in found.items() if of_it]
    room = _room([row for _, of_it in rows for row in of_it])
    while rows:
        count = 1 if layout.verbose else _missing_the_same(rows)
        alike, rows = rows[:count], rows[count:]
        reference, of_it = alike[0]
        if count > 1:
            full = _container_lines(alike[:1], images, layout) + _text(
                (*of_it[0].lines(layout, room), *of_it[0].frame(layout))
            )
            others = _briefly(alike[1:], images, layout, room)
            yield BlockPart(full + others, of_it[0].lesson, _briefly(alike, images, layout, room))
            continue
        if reference is not None:
            yield BlockPart(_container_lines(alike, images, layout))
        yield from _pieces(of_it, layout, room)


def _missing_the_same(rows: Sequence[_OfContainer]) -> int:
    """Count the containers at the start that have nothing but the same fields missing; 1 at least."""
    first = rows[0][1]
    count = 1
    if rows[0][0] is None or len(first) > 1 or first[0].paste is None:
        return count
    for _, others in rows[1:]:
        if len(others) > 1 or others[0].paste is None or others[0].alike != first[0].alike:
            break
        count += 1
    return count


def _briefly(alike: Sequence[_OfContainer], images: _Images, layout: Layout, room: tuple[int, int]) -> str:
    first, *others = (rows[0] for _, rows in alike)
    lines = first.brief(layout, room, [row.position for row in others])
    return _container_lines(alike, images, layout) + _text(lines)


def _container_lines(alike: Sequence[_OfContainer], images: _Images, layout: Layout) -> str:
    """Write the line of a container, or of several about which the same is said."""
    names = [
        f"{_KINDS[reference.kind]} {clean(reference.name, _NAME) or '(no name)'}"
        for reference, _ in alike
        if reference is not None
    ]
    named = dict.fromkeys(clean(images.get(reference) or "", _IMAGE) for reference, _ in alike)
    called, there = ", ".join(names), [image for image in named if image]
    if not there:
        return _text(_hanging(called, layout))
    room = layout.columns - 2 - width(called) - 3
    shown = ", ".join(there)
    if width(shown) > room and not layout.verbose:
        from .image_names import shorten_images  # most names fit

        shown = shorten_images(there, room)
    if width(shown) <= room:
        return f"  {called} · {layout.paint('dim', shown)}\n"
    dim = (layout.paint("dim", line) for line in wrap(shown, layout.columns - 6))
    return _text((*_hanging(called, layout), *(f"      {line}" for line in dim)))


def _hanging(text: str, layout: Layout) -> Iterator[str]:
    for number, line in enumerate(wrap(text, layout.columns - 4)):
        yield ("    " if number else "  ") + line


def _rows(findings: Iterable[Located], container: ContainerRef | None) -> list[TextRow]:
    """Put together what misses fields at one place, and notes below one heading, where the first stands."""
    groups: dict[object, list[Located]] = {}
    pastes: dict[object, MissingFields | None] = {}
    for number, located in enumerate(findings):
        paste = paste_of([located]) if located.missing else None
        key = located.finding.heading or number if paste is None else (existing_of(located), located.place)
        groups.setdefault(key, []).append(located)
        pastes[key] = paste
    return [
        TextRow(tuple(group), container, paste_of(group) if len(group) > 1 else pastes[key])
        for key, group in groups.items()
    ]


def _room(rows: Iterable[TextRow]) -> tuple[int, int]:
    rows = list(rows)
    checks = [len(located.finding.check) for row in rows for located in row.group]
    return max((len(row.position) for row in rows), default=0), max(checks, default=0)


def _pieces(
    rows: Sequence[TextRow], layout: Layout, room: tuple[int, int], *, whole: bool = False
) -> Iterator[BlockPart]:
    """Write rows, each with its frame where its place has none yet; `whole`: every frame is shown."""
    framed: set[tuple[int, int]] = set()
    # what to add is worth more than what is wrong, where one place has both
    reserved = {_place_of(row) for row in rows if row.paste is not None}
    alike: dict[str, list[TextRow]] = {}
    for row in rows:
        shared = alike.setdefault(row.group[0].finding.check, [])
        if row.paste is None:
            shared.append(row)
    written: Counter[str] = Counter()
    for row in rows:
        check = row.group[0].finding.check
        if row.paste is None and len(alike[check]) > _ALIKE + 1 and not layout.verbose:
            written[check] += 1
            if written[check] > _ALIKE:
                if written[check] == _ALIKE + 1:
                    yield BlockPart(_text(further(alike[check][_ALIKE:], layout, room)))
                continue
        text = _text(row.lines(layout, room))
        place = _place_of(row)
        shown_elsewhere = place in framed or (row.paste is None and place in reserved)
        frame = "" if shown_elsewhere else _text(row.frame(layout))
        if frame:
            framed.add(place)
        if not frame:
            yield BlockPart(text)
        elif layout.verbose or whole:
            yield BlockPart(text + frame)
        else:
            brief = _text(row.brief(layout, room)) if row.paste is not None else text
            yield BlockPart(text + frame, row.lesson, brief)


def _place_of(row: TextRow) -> tuple[int, int]:
    place = row.group[0].place
    return place.line, place.column


def _unlisted(entries: Iterable[Unlisted], layout: Layout) -> Iterator[BlockPart]:
    for entry in entries:
        severity = layout.paint(entry.severity.value, entry.severity.value)
        yield BlockPart(
            f"{_INDENT}{severity}  {layout.check(entry.check)}  and {entry.count:,} more, not listed\n"
        )


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
