"""Applies the ignores that a document holds: comments and annotations come in, suppressions go out.

A comment is about what begins on its line, or below it where it stands alone: a field and what is in it, a
container, and above the first line of a document all its objects. An annotation is about its object or pod
template. What an ignore accepted is known in the end, and then what is to be said of the ignores themselves.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec

from ...checks.model.acceptance import AcceptanceCheck
from ...checks.model.across import AcrossCheck
from ...checks.model.catalogue import all_checks, pod_security_checks
from ...checks.model.ignore import IgnoreCheck, WrittenIgnore
from ...findings import Finding, Severity
from ...manifest.document import Document
from ...manifest.file_text import Place
from ...manifest.lines import LineIndex
from ...manifest.route import Route, value_at
from ...results.checked import Located, ObjectRef, Suppression
from .ignore_text import IgnoreText, read_ignore
from .judge import Judge
from .selection import UNREADABLE, Selection, unknown_check

__all__ = ["ANNOTATION", "Ignores", "decides", "is_across", "is_refusal"]

ANNOTATION = "podproof.dev/ignore"

_MOST = 1_000
"""Ignores of one document that are read: each is looked up in its text."""

_LISTS = {"container": "containers", "init": "initContainers", "sidecar": "initContainers"}
_OF_ANNOTATION = "write lines `ignore[ID, …] container=NAME field=ROUTE REASON`"
_NOT_REFUSALS = "is refused by the API server or keeps a pod from starting: mend it, or say"


def is_refusal(finding: Finding) -> bool:
    """Tell whether the API server refuses what is found, or no pod comes of it.

    The severity has to be the check's own, whatever a configuration makes of it.
    """
    return finding.check == "will-not-start" or (
        finding.severity is Severity.ERROR and finding.check in _acceptance()
    )


def decides(judge: Judge, check: str) -> bool:
    """Tell whether an object alone decides what a check finds in it, and the level asks for the check."""
    if check in _controls():
        return any(asked.id == check for asked, _ in judge.standards.checks)
    return check not in _across()


def is_across(check: str) -> bool:
    """Tell whether only all manifests together show what a check finds."""
    return check in _across()


class _PlacedIgnore(msgspec.Struct):
    """One ignore and what it is about; `line` is that of the target, 0 for none."""

    text: IgnoreText
    place: Place
    target: Route
    line: int = 0
    expired: bool = False
    used: set[str] = msgspec.field(default_factory=set)
    refused: set[str] = msgspec.field(default_factory=set)

    @property
    def suppression(self) -> Suppression:
        return Suppression("ignore", self.text.reason, self.text.owner, self.text.until)


class _Targets(msgspec.Struct):
    """What is ignored of one check: by route, by line, and by a container's pod and name."""

    routes: dict[Route, _PlacedIgnore] = {}
    lines: dict[int, _PlacedIgnore] = {}
    containers: dict[tuple[Route, str, str], dict[Route, _PlacedIgnore]] = {}


class Ignores:
    """The ignores of one document."""

    def __init__(self, document: Document, selection: Selection) -> None:
        self.document = document
        self._selection = selection
        self._entries: list[_PlacedIgnore] = []
        self._targets: dict[str, _Targets] = {}
        self._left_out: Place | None = None
        self._objects: dict[Route, tuple[int, ObjectRef]] = {}
        comments = document.comments
        if comments:
            self._take_comments()

    def concerns(self, check: str) -> bool:
        """Tell whether anything of a check is ignored."""
        return check in self._targets

    def take_object(
        self, base: Route, value: Any, named: ObjectRef, templates: tuple[Route, ...], page: int
    ) -> None:
        """Take an object's annotation, and those of its pod templates, at routes counted from it."""
        self._objects[base] = page, named
        for route in dict.fromkeys(((), *templates)):
            metadata = value_at(value, (*route, "metadata"))
            annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
            text = annotations.get(ANNOTATION) if isinstance(annotations, dict) else None
            if isinstance(text, str):
                self._take_annotation(base + route, text)

    def suppress(self, finding: Finding, base: Route, line: int) -> Suppression | None:
        """Accept a finding that stands on a line, if an ignore says so; None: it counts."""
        targets = self._targets.get(finding.check)
        entry = None if targets is None else self._find(targets, finding, base, line)
        if entry is None:
            return None
        if is_refusal(finding) and not self._selection.ignoring_refusals:
            entry.refused.add(finding.check)
            return None
        entry.used.add(finding.check)
        return entry.suppression

    def use_across(self, finding: Finding, base: Route, line: int) -> dict[str, Suppression]:
        """Give what ignores say of the checks across all manifests at a place, by the check's id."""
        found = {}
        for check in _across():
            suppression = self.suppress(msgspec.structs.replace(finding, check=check), base, line)
            if suppression is not None:
                found[check] = suppression
        return found

    def findings(self, asks: Callable[[str], bool]) -> Iterator[tuple[int, Located]]:
        """Say what is wrong with the ignores, once all objects are judged; each with the page it belongs to.

        `asks` tells which checks can have found something.
        """
        for entry in self._entries:
            text = entry.text
            holds = not text.void and not entry.expired
            switch = "--allow-ignoring-refusals"
            written = WrittenIgnore(
                text.checks,
                (*text.faults, *(f"{name} {_NOT_REFUSALS} {switch}" for name in sorted(entry.refused))),
                text.until if entry.expired and not text.void else "",
                tuple(
                    name
                    for name in text.checks
                    if holds and name not in entry.used | entry.refused and asks(name)
                ),
            )
            yield from self._about(written, entry.place, entry.target)
        if self._left_out is not None:
            fault = f"more than {_MOST:,} ignores in one document: this one and those below have no effect"
            yield from self._about(WrittenIgnore(faults=(fault,)), self._left_out, ())

    def _about(self, written: WrittenIgnore, place: Place, target: Route) -> Iterator[tuple[int, Located]]:
        objects = self._objects
        base = next((target[:end] for end in range(len(target), -1, -1) if target[:end] in objects), None)
        page, named = next(iter(objects.values())) if base is None else objects[base]
        for check in _own():
            for finding in check.find(written):
                severity = self._selection.severity.get(check.id, finding.severity)
                route = target[len(base or ()) :]
                ranked = msgspec.structs.replace(finding, severity=severity, route=route)
                document = self.document
                yield (
                    page,
                    Located(
                        ranked,
                        document.file,
                        place,
                        document.index,
                        named,
                        source=document.source,
                        lines=document.lines,
                    ),
                )

    def _take_comments(self) -> None:
        document = self.document
        index = LineIndex(document)
        for comment in document.comments:
            if self._is_full(comment.place):
                return
            text = read_ignore(comment.text, _fault_of, placed=True)
            line = comment.place.line
            if comment.alone and line < document.line:
                self._add(_PlacedIgnore(text, comment.place, ()))
                continue
            found = index.first_from(line + comment.alone)
            if found is None or not (comment.alone or found[1] == line):
                self._add(_PlacedIgnore(text, comment.place, ()), nowhere=True)
                continue
            route, line = found
            if len(route) > 1 and route[-1] == "name" and isinstance(route[-2], int):
                route = route[:-1]  # the line of a container's name is the container's
            self._add(_PlacedIgnore(text, comment.place, route, line))

    def _take_annotation(self, base: Route, written: str) -> None:
        place = self.document.place((*base, "metadata", "annotations", ANNOTATION), key=True)
        for line in written.splitlines():
            if not line.strip():
                continue
            if self._is_full(place):
                return
            text = read_ignore(line, _fault_of, placed=False, form=_OF_ANNOTATION)
            target = base if text.container else base + (text.field or ())
            self._add(_PlacedIgnore(text, place, target))

    def _is_full(self, place: Place) -> bool:
        if len(self._entries) >= _MOST:
            self._left_out = self._left_out or place
        return len(self._entries) >= _MOST

    def _add(self, entry: _PlacedIgnore, *, nowhere: bool = False) -> None:
        text = entry.text
        entry.expired = bool(text.until) and self._selection.today > text.until
        self._entries.append(entry)
        if text.void or entry.expired or nowhere:
            return
        container = self._container_at(entry.target)
        for check in text.checks:
            targets = self._targets.setdefault(check, _Targets())
            if text.container:
                key = (entry.target, "", text.container)
                targets.containers.setdefault(key, {}).setdefault(text.field or (), entry)
                continue
            targets.routes.setdefault(entry.target, entry)
            if entry.line:
                targets.lines.setdefault(entry.line, entry)
            if container:
                targets.containers.setdefault(container, {}).setdefault((), entry)

    def _container_at(self, route: Route) -> tuple[Route, str, str] | None:
        """Give pod, list and name of the container that stands at a route; None: there is none."""
        if len(route) < 3 or not isinstance(route[-1], int) or route[-2] not in _CONTAINER_LISTS:
            return None
        value = value_at(self.document.value, route)
        name = value.get("name") if isinstance(value, dict) else None
        return (route[:-3], str(route[-2]), name) if isinstance(name, str) else None

    def _find(self, targets: _Targets, finding: Finding, base: Route, line: int) -> _PlacedIgnore | None:
        """Find the ignore that is closest to a finding."""
        route = base + finding.route
        entry = targets.lines.get(line) or _covering(targets.routes, route)
        named = finding.container
        if (entry is not None and len(entry.target) > len(base)) or named is None or not targets.containers:
            return entry
        place = _in_container(finding.route)
        for end in range(len(route), -1, -1):
            for list_ in (_LISTS.get(named.kind, "ephemeralContainers"), ""):
                fields = targets.containers.get((route[:end], list_, named.name))
                if fields is not None and (found := _covering(fields, place)) is not None:
                    return found
        return entry


_CONTAINER_LISTS = frozenset((*_LISTS.values(), "ephemeralContainers"))


def _covering(entries: dict[Route, _PlacedIgnore], route: Route) -> _PlacedIgnore | None:
    """Give the entry of the longest beginning of a route that has one."""
    for end in range(len(route), -1, -1):
        entry = entries.get(route[:end])
        if entry is not None:
            return entry
    return None


def _in_container(route: Route) -> Route:
    """Count a route from the container that it leads into; () where it leads into none."""
    for position in range(1, len(route)):
        if isinstance(route[position], int) and route[position - 1] in _CONTAINER_LISTS:
            return route[position + 1 :]
    return ()


def _fault_of(check: str) -> str:
    ids = _known()
    if check not in ids:
        return unknown_check(check, ids)
    if check in (UNREADABLE, "search-limit") or check in {own.id for own in _own()}:
        return f"{check} cannot be ignored in a manifest: remove it from the ignore"
    return ""


@cache
def _known() -> frozenset[str]:
    return frozenset(check.id for check in all_checks())


@cache
def _own() -> tuple[IgnoreCheck, ...]:
    return tuple(check for check in all_checks() if isinstance(check, IgnoreCheck))


@cache
def _controls() -> frozenset[str]:
    return frozenset(check.id for check in pod_security_checks())


@cache
def _acceptance() -> frozenset[str]:
    return frozenset(check.id for check in all_checks() if isinstance(check, AcceptanceCheck))


@cache
def _across() -> tuple[str, ...]:
    return tuple(check.id for check in all_checks() if isinstance(check, AcrossCheck))
