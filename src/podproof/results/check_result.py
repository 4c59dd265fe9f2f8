"""The result of `check` for programs: what its JSON holds, as typed values with one line for each finding.

A Checked comes in; a CheckResult, which knows no lines of text, goes out. The schema `podproof/check/v1` is
made from these types: fields are only ever added within v1, and their order is that of the JSON.
"""

from typing import Literal

import msgspec

from ..findings import ContainerRef, format_route
from .baseline import BaselineLine
from .checked import (
    Checked,
    CheckedObject,
    Located,
    NotJudged,
    ObjectRef,
    Pattern,
    PodSecurity,
    Skipped,
    Summary,
    Suppression,
    Unlisted,
)

__all__ = [
    "SCHEMA",
    "CheckFinding",
    "CheckResult",
    "CheckedPod",
    "SeverityWord",
    "make_check_result",
    "make_finding",
    "make_pod",
]

SCHEMA: Literal["podproof/check/v1"] = "podproof/check/v1"

SeverityWord = Literal["error", "warning", "note"]


class CheckedPod(msgspec.Struct, frozen=True):
    """A pod that was judged; `document` and `line` are 1-based. `pod_security` None: it could not be decoded.

    A workload has one for each template in it. `api_version`, `kind`, `namespace` and `name` are those of the
    object, None where it does not say.
    """

    file: str
    document: int
    line: int
    api_version: str | None
    kind: str | None
    namespace: str | None
    name: str | None
    containers: tuple[ContainerRef, ...]
    pod_security: PodSecurity | None


class CheckFinding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding; lines and columns are 1-based, the end is exclusive.

    `check` is the id of the check, `route` the field, counted from the object's root. `object` None: the
    input as a whole is meant. `container` None: the pod as a whole is meant. `source` is the template that
    `helm template` names. `read_as` is there only for what was found in a copy of a document that cannot be
    read: what was written in the copy. `suppression` is there only for what does not count: the manifest
    ignores it, or a baseline accepts it.
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
    suppression: Suppression | None = None


class CheckResult(msgspec.Struct, frozen=True):
    """What `podproof.check` returns and `podproof check --format json` prints.

    `version` is as asked, `evaluated_version` what it meant. `undecided` counts the inputs that could not be
    read or decided: a result in which it is not 0 is never a pass. `skipped` are the inputs that hold nothing
    to check, `patterns` the objects that hold parts of pods and make none, and `not_judged` those in which
    something looks like container security and was not judged. `findings` has at most 100 of one check about
    one object, as many of those that do not count, and 100 documents of a file that cannot be read;
    `unlisted` counts the others, and `summary` has them too. `fixed` is what a baseline accepts and is no
    longer there, as its lines say it.
    """

    schema: Literal["podproof/check/v1"]
    level: Literal["privileged", "baseline", "restricted"]
    version: str
    evaluated_version: str
    kubernetes_version: str
    summary: Summary
    objects: tuple[CheckedPod, ...]
    findings: tuple[CheckFinding, ...]
    skipped: tuple[Skipped, ...]
    undecided: int = 0
    patterns: tuple[Pattern, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()
    fixed: tuple[BaselineLine, ...] = ()


def make_check_result(checked: Checked) -> CheckResult:
    """Make the result for programs of everything that was found."""
    return CheckResult(
        schema=SCHEMA,
        level=checked.level,
        version=checked.version,
        evaluated_version=checked.evaluated_version,
        kubernetes_version=checked.kubernetes_version,
        summary=checked.summary,
        objects=tuple(make_pod(entry) for entry in checked.objects),
        findings=tuple(make_finding(entry) for entry in checked.findings),
        skipped=checked.skipped,
        undecided=checked.undecided,
        patterns=checked.patterns,
        not_judged=checked.not_judged,
        unlisted=checked.unlisted,
    )


def make_pod(entry: CheckedObject) -> CheckedPod:
    """Make the pod for programs."""
    named = entry.object
    return CheckedPod(
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


def make_finding(entry: Located) -> CheckFinding:
    """Make the finding for programs."""
    finding, place = entry.finding, entry.place
    return CheckFinding(
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
        suppression=entry.suppression,
    )
