"""Writes a check's result as SARIF 2.1.0, within the limits of GitHub's code scanning.

What was found comes in, segment by segment, and JSON goes out, one result per line. What is left out to stay
within a limit, and what was not checked, is a notification of the run. This module decides nothing and reads
no files.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"; GitHub's documentation,
"SARIF results exceed limits" and "SARIF support for code scanning".
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from ..edits.edit import Fix
from ..findings import format_route
from ..fixes.words import what_of
from ..manifest.file_text import Place
from ..results.checked import Located, ObjectRef, Suppression
from ..results.fingerprint import fingerprint
from ..results.segment import CheckedRun, Page, RenderedFinding, RenderedSegment, Segment
from .dumps import lead_with_rule
from .json_line import json_line
from .object_names import object_name
from .plain import one_line
from .repository_paths import STDIN, RepositoryPaths, is_file
from .rows import byte_size, not_judged_words
from .sarif_rules import rules

__all__ = ["SarifReport"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_MOST_RESULTS = 25_000
"""Of a run: GitHub refuses a file with more."""

_MOST_SHOWN = 5_000
"""Of a run: GitHub stores no more, those of the gravest severity."""

_MOST_COMPRESSED = 9_000_000
"""Bytes of all results as gzip writes them; GitHub takes 10 MB, with rules and notifications."""

_SMALL = 9_000_000
"""Bytes of results that need not be compressed to know that they are few enough."""

_MOST_NOTIFICATIONS = 1_000
"""Of one kind; the others are counted."""

_MOST_SNIPPET = 400
"""Characters of a snippet; what is longer is left out, since a part of it would not be what is there."""

_RANKS = ("error", "warning", "note", "suppressed")
"""What is kept first where not everything can be."""

_FRAME = {
    "columnKind": "unicodeCodePoints",
    "newlineSequences": ["\r\n", "\n", "\r"],
    "originalUriBaseIds": {
        "%SRCROOT%": {
            "description": {"text": "The root of the repository; without one, the folder of the run."}
        }
    },
}

_KINDS = {
    "lost": "could not be read, and was not checked",
    "not_judged": "has something that looks like container security and was not judged",
    "unlisted": "has more findings than are listed",
    "skipped": "was skipped",
    "patterns": "holds parts of pods and makes none, and was not judged",
    "left-out": "results are left out, since GitHub would not take them",
    "not-shown": "results are more than GitHub stores and shows",
}
"""By the id of a notification, what it says of a file. Those of the run come in this order."""


class SarifReport:
    """Renders findings as results, files as artifacts, and what was not checked as notifications."""

    wants_replacements = True

    def __init__(self, paths: RepositoryPaths, version: str) -> None:
        self._paths = paths
        self._version = version
        self.question = ("sarif", self._paths.root, self._paths.folder)

    def render(self, segment: Segment) -> RenderedSegment:
        """Render a segment's findings one by one, its files, and its notifications by their kind."""
        pages = segment.pages
        entries = [
            self.entry(number, located) for number, page in enumerate(pages) for located in page.findings
        ]
        notify = self._notification
        sections = {
            "artifacts": [json_line(self._artifact(file)) for file in _files(segment)],
            "lost": [notify("lost", "error", *lost) for lost in segment.lost],
            "not_judged": [
                notify("not_judged", "warning", entry.file, entry.line, not_judged_words(entry))
                for entry in (page.not_judged for page in pages)
                if entry is not None
            ],
            "unlisted": [
                notify(
                    "unlisted",
                    "warning",
                    entry.file,
                    entry.line,
                    f"{entry.count:,} more of {entry.check} in {_named(entry.object)}",
                )
                for page in pages
                for entry in page.unlisted
            ],
            "skipped": [
                notify("skipped", "note", entry.file, entry.line, entry.reason)
                for entry in segment.skipped
                if (entry.file, entry.line, entry.reason) not in segment.lost
            ],
            "patterns": [
                notify("patterns", "note", entry.file, entry.line, entry.reason)
                for entry in (page.pattern for page in pages)
                if entry is not None
            ],
        }
        return RenderedSegment(entries, {name: texts for name, texts in sections.items() if texts})

    def entry(self, page: int, located: Located) -> RenderedFinding:
        """Render one finding."""
        finding, place = located.finding, located.place
        level = finding.severity.value
        result: dict[str, Any] = {
            "ruleId": finding.check,
            "level": level,
            "message": {"text": _message(located)},
            "locations": [self._location(located)],
            "partialFingerprints": {"podproofFinding/v1": fingerprint(located)},
        }
        related = [
            {
                "id": number,
                "physicalLocation": self._physical(located.file, each, located.lines),
                "message": {"text": label or "see also"},
            }
            for number, (each, label) in enumerate(located.related, 1)
        ]
        if related:
            result["relatedLocations"] = related
        if located.suppression is not None:
            result["suppressions"] = [_suppression(located.suppression)]
        if located.replacements and finding.fix is not None and is_file(located.file):
            result["fixes"] = [self._fix(located, finding.fix)]
        properties = _properties(located)
        if properties:
            result["properties"] = properties
        rank = level if located.suppression is None else "suppressed"
        return RenderedFinding(page, place.line, place.column, f"{rank} {finding.check}", json_line(result))

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the log: the tool with the rules of what was found, notifications, artifacts, results."""
        kept = _KeptResults(run)
        driver = {
            "name": "Podproof",
            "version": self._version,
            "semanticVersion": self._version,
            "rules": (described := rules(kept.checks)),
            "notifications": [
                {"id": kind, "shortDescription": {"text": f"What {words}."}} for kind, words in _KINDS.items()
            ],
        }
        index = {rule["id"]: number for number, rule in enumerate(described)}
        properties = {
            "level": f"{run.level}:{run.version}",
            "evaluatedVersion": run.evaluated_version,
            "kubernetesVersion": run.kubernetes_version,
        }
        yield f'{{"$schema":{json_line(_SCHEMA)},"version":"2.1.0","runs":[{{\n'
        yield f'"tool":{{"driver":{json_line(driver)}}},\n'
        yield f"{json_line(_FRAME)[1:-1]},\n"
        yield f'"properties":{json_line(properties)},\n'
        outcome: dict[str, Any] = {"executionSuccessful": not run.undecided and run.exit_code not in (2, 4)}
        if run.exit_code is not None:
            outcome["exitCode"] = run.exit_code
        yield f'"invocations":[{{{json_line(outcome)[1:-1]},"toolExecutionNotifications":['
        yield from _elements(_notifications(run, kept))
        yield ']}],\n"artifacts":['
        yield from _elements(_once(run.section("artifacts")))
        yield '],\n"results":['
        yield from _elements(
            f'{{"ruleIndex":{index[check]},{entry.text[1:]}' for entry, check in kept.entries()
        )
        yield "]}]}\n"

    def _location(self, located: Located) -> dict[str, Any]:
        location: dict[str, Any] = {
            "physicalLocation": self._physical(located.file, located.place, located.lines)
        }
        named = located.object
        if named is not None and named.name:
            location["logicalLocations"] = [
                {"name": one_line(named.name), "fullyQualifiedName": _named(named), "kind": "object"}
            ]
        return location

    def _physical(self, file: str, place: Place, lines: Sequence[str]) -> dict[str, Any]:
        region = _region(place)
        if place.line == place.end_line and place.line <= len(lines):
            marked = lines[place.line - 1][place.column - 1 : place.end_column - 1]
            if 0 < len(marked) <= _MOST_SNIPPET:
                region["snippet"] = {"text": marked}
        return {"artifactLocation": self._artifact_location(file), "region": region}

    def _artifact_location(self, file: str) -> dict[str, Any]:
        uri, from_root = self._paths.uri(file)
        return {"uri": uri, "uriBaseId": "%SRCROOT%"} if from_root else {"uri": uri}

    def _artifact(self, file: str) -> dict[str, Any]:
        location = self._artifact_location(file)
        artifact = {"location": location, "roles": ["analysisTarget"]}
        if file == STDIN:
            artifact["description"] = {"text": "standard input"}
        return artifact

    def _notification(self, kind: str, level: str, file: str, line: int, reason: str) -> str:
        location = {"artifactLocation": self._artifact_location(file), "region": {"startLine": line}}
        return json_line(
            {
                "descriptor": {"id": kind},
                "level": level,
                "message": {"text": _unlinked(f"{self._paths.shown(file)}:{line} {_KINDS[kind]}: {reason}")},
                "locations": [{"physicalLocation": location}],
            }
        )

    def _fix(self, located: Located, fix: Fix) -> dict[str, Any]:
        warning = "" if fix.safe else " (it may change what the workload does)"
        changes = [
            {"deletedRegion": _region(one.place), "insertedContent": {"text": one.text}}
            for one in located.replacements
        ]
        return {
            "description": {"text": one_line(f"{what_of(fix.edits, ())}{warning}")},
            "artifactChanges": [
                {"artifactLocation": self._artifact_location(located.file), "replacements": changes}
            ],
        }


class _KeptResults:
    """The results of a run that are written, their checks, and how many are left out of each rank."""

    def __init__(self, run: CheckedRun) -> None:
        self._run = run
        self._flags: bytearray | None = None
        self.left_out: dict[str, int] = {}
        self.number = 0
        ids: set[str] = set()
        count = length = 0
        for entry in run.entries():
            ids.add(_rank(entry)[1])
            count += 1
            length += byte_size(entry.text)
        if count > _MOST_RESULTS or length > _SMALL:
            ids = self._choose(count)
        self.number = count - sum(self.left_out.values())
        self.checks = frozenset(ids)

    def _choose(self, count: int) -> set[str]:
        """Keep what matters most, rank by rank, until there is no more room; gives the ids of the checks."""
        flags = bytearray(count)
        packer = zlib.compressobj()
        ids: set[str] = set()
        number = size = 0
        for rank in _RANKS:
            for place, entry in enumerate(self._run.entries()):
                its_rank, check = _rank(entry)
                if its_rank != rank:
                    continue
                if number < _MOST_RESULTS and size < _MOST_COMPRESSED:
                    size += len(packer.compress(entry.text.encode()))
                    flags[place] = True
                    number += 1
                    ids.add(check)
                else:
                    self.left_out[rank] = self.left_out.get(rank, 0) + 1
        self._flags = flags
        return ids

    def entries(self) -> Iterator[tuple[RenderedFinding, str]]:
        """Give what is kept, in its order, with the id of its check."""
        for place, entry in enumerate(self._run.entries()):
            if self._flags is None or self._flags[place]:
                yield entry, _rank(entry)[1]


def _rank(entry: RenderedFinding) -> tuple[str, str]:
    rank, _, check = (entry.group or "").partition(" ")
    return rank, check


def _notifications(run: CheckedRun, kept: _KeptResults) -> Iterator[str]:
    """Give those of each kind, as many as are listed, and how many others there are."""
    if kept.left_out:
        counts = ", ".join(f"{rank} {count:,}" for rank, count in kept.left_out.items())
        yield _whole("left-out", f"{sum(kept.left_out.values()):,} {_KINDS['left-out']}: {counts}")
    if kept.number > _MOST_SHOWN:
        words = f"{kept.number - _MOST_SHOWN:,} {_KINDS['not-shown']}, {_MOST_SHOWN:,} by severity"
        yield _whole("not-shown", words)
    for kind in _KINDS:
        texts = iter(run.section(kind))
        yield from islice(texts, _MOST_NOTIFICATIONS)
        others = sum(1 for _ in texts)
        if others:
            yield _whole(kind, f"{others:,} more are not listed, of what {_KINDS[kind]}")


def _whole(kind: str, text: str) -> str:
    return json_line({"descriptor": {"id": kind}, "level": "warning", "message": {"text": text}})


def _elements(texts: Iterable[str]) -> Iterator[str]:
    """Write the elements of a list, one per line."""
    for number, text in enumerate(texts):
        yield f"{',' if number else ''}\n{text}"


def _once(texts: Iterable[str]) -> Iterator[str]:
    """Leave out what repeats the text before it: a big file has several segments."""
    before = ""
    for text in texts:
        if text != before:
            yield text
        before = text


def _files(segment: Segment) -> dict[str, None]:
    return dict.fromkeys(file for page in segment.pages for file in _files_of(page))


def _files_of(page: Page) -> Iterator[str]:
    for entry in (*page.findings[:1], *page.objects[:1], page.pattern, page.not_judged):
        if entry is not None:
            yield entry.file


def _region(place: Place) -> dict[str, Any]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _message(located: Located) -> str:
    """Write the message, and what helps, a line each; the API server's dumps are shortened."""
    finding = located.finding
    texts = [lead_with_rule(finding.whole_message), *finding.help]
    if located.more_related:
        texts.append(f"and {located.more_related:,} more places that are not shown")
    if located.read_as:
        texts.append(f"found in a copy of the document with {located.read_as}")
    if located.source is not None:
        texts.append(f"from {located.source}")
    return "\n".join(map(_unlinked, texts))


def _unlinked(text: str) -> str:
    """Keep a viewer from making a link of what a manifest says: `[text](target)` is one in SARIF."""
    return one_line(text).replace("](", "] (")


def _properties(located: Located) -> dict[str, Any]:
    finding = located.finding
    properties: dict[str, Any] = {}
    if finding.route:
        properties["field"] = one_line(format_route(finding.route))
    if finding.container is not None:
        properties["container"] = one_line(finding.container.name)
    return properties


def _named(named: ObjectRef | None) -> str:
    """Name an object by kind, namespace and name, as far as it says them; None is all of a file."""
    if named is None:
        return "this file"
    return object_name(named.kind or "object", named.namespace, named.name)


def _suppression(suppression: Suppression) -> dict[str, Any]:
    """Write who accepts the finding; without a state it is accepted."""
    written: dict[str, Any] = {"kind": "inSource" if suppression.kind == "ignore" else "external"}
    if suppression.reason:
        written["justification"] = _unlinked(suppression.reason)
    said = {"owner": suppression.owner, "until": suppression.until}
    properties = {name: value for name, value in said.items() if value}
    if properties:
        written["properties"] = properties
    return written
