"""One workload of `check` in a line: its page of a segment comes in, what the overview needs of it goes out.

A row is kept as text until the whole run is known, and is drawn then.
"""

import os
from functools import cache

import msgspec

from ...checks.model.catalogue import all_checks
from ...findings import Severity
from ...policies.levels import Level
from ...results.segment import Page
from .check_block import anchor_of, name_of, worst

__all__ = ["API", "EFFECT", "START", "Row", "row_of"]

API, START, EFFECT = "accepted", "starts", "settings work"
"""Columns beside the controls: what the API server and the kubelet say, and effects."""

_STARTS = ("will-not-start", "start-undecided")

_ORDER = ("error", "warning", "note", "accepted")
"""What one cell may hold, the gravest first."""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A workload: where it is, the level it meets (None: undecided), and the gravest finding by column.

    `signs` has nothing for what is in order. `hidden`: some control is lacking that is not reported, so that
    nobody may call the others in order. `serious` counts errors and warnings.
    """

    anchor: str
    name: str
    place: str
    folder: str
    namespace: str
    level: Level | None
    signs: dict[str, str]
    hidden: bool
    errors: int
    warnings: int


def row_of(page: Page) -> Row:
    """Make the row of a page that has pods."""
    first = page.objects[0]
    signs: dict[str, str] = {}
    controls: set[str] = set()
    counts = dict.fromkeys(Severity, 0)
    met = [
        (one.finding.check, one.finding.severity, 1, one.suppression is not None) for one in page.findings
    ] + [(one.check, one.severity, one.count, bool(one.suppressed)) for one in page.unlisted]
    for check, severity, count, accepted in met:
        column = _column(check)
        if column is None:
            continue
        if column == check:
            controls.add(check)
        sign = "accepted" if accepted else severity.value
        signs[column] = min(signs.get(column, sign), sign, key=_ORDER.index)
        if not accepted:
            counts[severity] += count
    lacking = [
        (entry.pod_security.lacking.restricted or 0)
        if entry.pod_security.level == "restricted"
        else (entry.pod_security.lacking.baseline or 0)
        for entry in page.objects
        if entry.pod_security is not None
    ]
    return Row(
        anchor=anchor_of(page),
        name=name_of(first.object),
        place=f"{first.file}:{first.line}",
        folder=os.path.dirname(first.file) or ".",
        namespace=first.object.namespace or "",
        level=worst(page.objects),
        signs=signs,
        hidden=len(controls) < max(lacking, default=0) or len(lacking) < len(page.objects),
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
    )


def _column(check: str) -> str | None:
    """Name the column of a check; None: it has none, as advice."""
    if check in _STARTS:
        return START
    kind = _kinds().get(check)
    if kind == "Pod Security Standards":
        return check
    return {"acceptance": API, "effect": EFFECT}.get(kind or "")


@cache
def _kinds() -> dict[str, str]:
    return {check.id: check.kind for check in all_checks()}
