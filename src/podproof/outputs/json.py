"""Writes a check's result as JSON of schema `podproof/check/v1`; the schema file is made from these types.

A Result comes in, bytes go out. Fields are only ever added within v1; the order of fields is that of the
types. This module decides nothing and reads no files.
"""

from typing import Any, Literal

import msgspec

from ..findings import format_route
from ..results.checked import CheckedObject, Located, Result
from .plain import unescape

SCHEMA = "podproof/check/v1"

SeverityWord = Literal["error", "warning", "note"]
ContainerKind = Literal["container", "init", "sidecar", "ephemeral"]


class SummaryEntry(msgspec.Struct, frozen=True):
    """Counts of the run; `seconds` is wall time, `policies` are the PodSecurityPolicies that were judged."""

    files: int
    documents: int
    workloads: int
    containers: int
    other_objects: int
    skipped: int
    errors: int
    warnings: int
    notes: int
    seconds: float
    policies: int


class ContainerEntry(msgspec.Struct, frozen=True):
    """A container of a pod."""

    name: str
    kind: ContainerKind


class PodSecurityEntry(msgspec.Struct, frozen=True):
    """The Pod Security verdict; `reason` and `detail` are empty when allowed."""

    level: str
    version: str
    allowed: bool
    reason: str
    detail: str


class ObjectEntry(msgspec.Struct, frozen=True):
    """A pod that was judged; `document` is 1-based. `pod_security` null: it could not be decoded."""

    file: str
    document: int
    line: int
    api_version: str | None
    kind: str | None
    namespace: str | None
    name: str | None
    containers: list[ContainerEntry]
    pod_security: PodSecurityEntry | None


class ObjectName(msgspec.Struct, frozen=True):
    """Names the object of a finding."""

    api_version: str | None
    kind: str | None
    namespace: str | None
    name: str | None


class FindingEntry(msgspec.Struct, frozen=True):
    """A finding; lines and columns are 1-based, the end is exclusive.

    `object` null: the input as a whole is meant. `container` null: the pod as a whole is meant. `read_as` is
    there only for what was found in a copy of a document that cannot be read: what was written in the copy.
    """

    check: str
    severity: SeverityWord
    message: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    route: str
    object: ObjectName | None
    container: ContainerEntry | None
    source: str | None
    read_as: str = ""


class SkippedEntry(msgspec.Struct, frozen=True):
    """What was not checked; `document` null: the whole file."""

    file: str
    document: int | None
    line: int
    reason: str


class CheckOutput(msgspec.Struct, frozen=True):
    """What `podproof check --format json` prints."""

    schema: Literal["podproof/check/v1"]
    level: Literal["privileged", "baseline", "restricted"]
    version: str
    evaluated_version: str
    kubernetes_version: str
    summary: SummaryEntry
    objects: list[ObjectEntry]
    findings: list[FindingEntry]
    skipped: list[SkippedEntry]


def render(result: Result) -> bytes:
    """Write the result as indented JSON, with a line end."""
    output = {
        "schema": SCHEMA,
        "level": result.level,
        "version": result.version,
        "evaluated_version": result.evaluated_version,
        "kubernetes_version": result.kubernetes_version,
        "summary": msgspec.to_builtins(result.summary),
        "objects": [_object(entry) for entry in result.objects],
        "findings": [_finding(entry) for entry in result.findings],
        "skipped": [msgspec.to_builtins(entry) for entry in result.skipped],
    }
    try:
        encoded = msgspec.json.encode(output)
    except UnicodeEncodeError:
        # Lone surrogates: a file name that is not UTF-8, or "\ud800" in a document.
        encoded = msgspec.json.encode(unescape(output))
    return msgspec.json.format(encoded, indent=2) + b"\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the output."""
    made = msgspec.json.schema(CheckOutput)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "podproof:check/v1",
        "title": "podproof check",
        **made,
    }


def _object(entry: CheckedObject) -> dict[str, Any]:
    return {
        "file": entry.file,
        "document": entry.document,
        "line": entry.line,
        **msgspec.to_builtins(entry.object),
        "containers": [msgspec.to_builtins(container) for container in entry.containers],
        "pod_security": msgspec.to_builtins(entry.pod_security),
    }


def _finding(entry: Located) -> dict[str, Any]:
    finding, place = entry.finding, entry.place
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "message": finding.whole_message,
        "file": entry.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "route": format_route(finding.route),
        "object": None if entry.object is None else msgspec.to_builtins(entry.object),
        "container": None if finding.container is None else msgspec.to_builtins(finding.container),
        "source": entry.source,
        **({"read_as": entry.read_as} if entry.read_as else {}),
    }
