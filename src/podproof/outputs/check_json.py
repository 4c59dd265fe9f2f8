"""Writes a check's result as JSON of schema `podproof/check/v1`; the schema file is made from these types.

A CheckResult comes in, bytes go out. Fields are only ever added within v1; the order of fields is that of the
types. This module decides nothing and reads no files.
"""

from typing import Any, Literal

import msgspec

from ..findings import ContainerRef, format_route
from ..manifest.surrogates import unescape
from ..results.checked import (
    CheckedObject,
    CheckResult,
    Located,
    ObjectRef,
    PodSecurity,
    Skipped,
    Summary,
)
from ..results.plain import to_plain

SCHEMA: Literal["podproof/check/v1"] = "podproof/check/v1"

SeverityWord = Literal["error", "warning", "note"]


class ObjectEntry(msgspec.Struct, frozen=True):
    """A pod that was judged; `document` is 1-based. `pod_security` null: it could not be decoded."""

    file: str
    document: int
    line: int
    api_version: str | None
    kind: str | None
    namespace: str | None
    name: str | None
    containers: tuple[ContainerRef, ...]
    pod_security: PodSecurity | None


class FindingEntry(msgspec.Struct, frozen=True, omit_defaults=True):
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
    object: ObjectRef | None
    container: ContainerRef | None
    source: str | None
    read_as: str = ""


class CheckOutput(msgspec.Struct, frozen=True):
    """What `podproof check --format json` prints."""

    schema: Literal["podproof/check/v1"]
    level: Literal["privileged", "baseline", "restricted"]
    version: str
    evaluated_version: str
    kubernetes_version: str
    summary: Summary
    objects: list[ObjectEntry]
    findings: list[FindingEntry]
    skipped: tuple[Skipped, ...]


def render(result: CheckResult) -> bytes:
    """Write the result as indented JSON, with a line end."""
    output = CheckOutput(
        schema=SCHEMA,
        level=result.level,
        version=result.version,
        evaluated_version=result.evaluated_version,
        kubernetes_version=result.kubernetes_version,
        summary=result.summary,
        objects=[_object(entry) for entry in result.objects],
        findings=[_finding(entry) for entry in result.findings],
        skipped=result.skipped,
    )
    try:
        encoded = msgspec.json.encode(output)
    except UnicodeEncodeError:
        # Lone surrogates: a file name that is not UTF-8, or "\ud800" in a document.
        encoded = msgspec.json.encode(unescape(to_plain(output)))
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


def _object(entry: CheckedObject) -> ObjectEntry:
    named = entry.object
    return ObjectEntry(
        file=entry.file,
        document=entry.document,
        line=entry.line,
        api_version=named.api_version,
        kind=named.kind,
        namespace=named.namespace,
        name=named.name,
        containers=entry.containers,
        pod_security=entry.pod_security,
    )


def _finding(entry: Located) -> FindingEntry:
    finding, place = entry.finding, entry.place
    return FindingEntry(
        check=finding.check,
        severity=finding.severity.value,
        message=finding.whole_message,
        file=entry.file,
        line=place.line,
        column=place.column,
        end_line=place.end_line,
        end_column=place.end_column,
        route=format_route(finding.route),
        object=entry.object,
        container=finding.container,
        source=entry.source,
        read_as=entry.read_as,
    )
