"""A baseline as a file: accepted findings come in and go out as lines that people read and git merges.

The first line names the schema, `podproof/baseline/v1`; each other line is one subject in JSON, sorted. The
fingerprint of a line has to be that of its fields, so that nobody is shown another finding than is accepted.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from ..errors import InputError
from .accepted import Accepted, AcceptedFinding
from .fingerprint import Subject

__all__ = ["BASELINE_SCHEMA", "BaselineHead", "BaselineLine", "line_of", "read_baseline", "write_baseline"]

BASELINE_SCHEMA: Literal["podproof/baseline/v1"] = "podproof/baseline/v1"

_MOST = 10**9
_REMEDY = "write it again with podproof baseline write"


class BaselineHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of a baseline."""

    schema: Literal["podproof/baseline/v1"] = BASELINE_SCHEMA


class BaselineLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Findings of one check about one field that are accepted, `count` of them.

    `kind`, `group`, `namespace` and `name` are the object's; `file` is only there for one without a name.
    `container_kind` and `container` name the container, if one is meant. `field` is the route from the root
    of the object, without the positions in lists. `reason` is for whoever wants to say why. `fingerprint` is
    made of the other fields but the count and the reason.
    """

    check: str
    kind: str = ""
    group: str = ""
    namespace: str = ""
    name: str = ""
    file: str = ""
    container_kind: Literal["", "container", "init", "sidecar", "ephemeral"] = ""
    container: str = ""
    field: str = ""
    count: int
    reason: str = ""
    fingerprint: str


def write_baseline(findings: Iterable[AcceptedFinding]) -> Iterator[str]:
    """Write a baseline, line by line."""
    yield _line(BaselineHead())
    lines = [(_order(finding.subject), finding) for finding in findings]
    lines.sort(key=lambda line: line[0])
    for _, finding in lines:
        yield _line(line_of(finding))


def line_of(finding: AcceptedFinding) -> BaselineLine:
    """Give the line of a baseline that accepts a finding."""
    subject = finding.subject
    return BaselineLine(
        **msgspec.structs.asdict(subject),
        count=finding.count,
        reason=finding.reason,
        fingerprint=subject.fingerprint,
    )


def read_baseline(path: str, data: bytes) -> Accepted:
    """Read a baseline; `path` is how messages call it.

    Raises InputError: it is not a baseline, or one of its lines is not what it should be.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not a baseline of Podproof: it is not UTF-8; {_REMEDY}") from None
    lines = text.split("\n")
    try:
        msgspec.json.decode(lines[0], type=BaselineHead)
    except msgspec.DecodeError:
        head = _line(BaselineHead()).strip()
        raise InputError(f"{path}:1: is not a baseline: its first line has to be {head}; {_REMEDY}") from None
    findings: dict[str, AcceptedFinding] = {}
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        if line.startswith(("<<<<<<<", "=======", ">>>>>>>")):
            raise InputError(f"{where}: a conflict of a merge is not resolved: keep the lines of both sides")
        finding = _finding(where, line)
        fingerprint = finding.subject.fingerprint
        known = findings.get(fingerprint)
        if known is not None:  # two branches accepted the same: as many as the more generous one
            finding = max(known, finding, key=lambda one: one.count)
        findings[fingerprint] = finding
    return Accepted(findings)


def _finding(where: str, text: str) -> AcceptedFinding:
    try:
        line = _DECODER.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"{where}: is not a line of a baseline ({error}); {_REMEDY}") from None
    values = msgspec.structs.asdict(line)
    count, reason, fingerprint = values.pop("count"), values.pop("reason"), values.pop("fingerprint")
    subject = Subject(**values)
    if not 1 <= count <= _MOST:
        raise InputError(f"{where}: count must be 1 or more, is {count}")
    if fingerprint != subject.fingerprint:
        raise InputError(
            f"{where}: its fingerprint is not that of its fields, so it accepts something else than it says;"
            f" {_REMEDY}"
        )
    return AcceptedFinding(subject, count, reason)


_DECODER = msgspec.json.Decoder(BaselineLine)


def _order(subject: Subject) -> tuple[str, ...]:
    return (
        subject.namespace,
        subject.kind,
        subject.name,
        subject.file,
        subject.group,
        subject.container,
        subject.container_kind,
        subject.check,
        subject.field,
    )


def _line(value: BaselineHead | BaselineLine) -> str:
    return msgspec.json.encode(value).decode() + "\n"
