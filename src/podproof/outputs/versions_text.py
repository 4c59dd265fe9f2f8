"""Writes what changes between Kubernetes versions: for people by version, check and object, or as JSON.

VersionChanges come in, text goes out. Nothing here decides.
"""

from collections.abc import Iterator
from itertools import groupby

import msgspec

from ..results.version_changes import VersionChange, VersionChanges
from .object_names import object_name
from .plain import one_line

__all__ = ["render_versions", "render_versions_json"]

_SIGNS = {"appears": "+", "disappears": "-"}
_MOST = 20
"""Objects of one check and version that are listed in text; JSON has all."""


def render_versions(changes: VersionChanges, *, verbose: bool = False) -> Iterator[str]:
    """Write each version from which on something changes, its checks and objects, and a last line."""
    most = len(changes.changes) if verbose else _MOST
    for since, of_version in groupby(changes.changes, key=lambda one: one.since):
        yield f"from {since} on\n"
        for (change, severity, check), group in groupby(
            of_version, key=lambda one: (one.change, one.severity.value, one.check)
        ):
            rows = list(group)
            yield f"  {_SIGNS[change]} {severity}  {check}  {change} ({sum(row.count for row in rows):,})\n"
            yield from (f"      {_row(row)}\n" for row in rows[:most])
            if len(rows) > most:
                yield f"      and {len(rows) - most:,} more (--verbose lists them)\n"
        yield "\n"
    yield f"{_sum(changes)}\n"


def _row(row: VersionChange) -> str:
    who = object_name(row.kind, row.namespace, row.name)
    container = f" · container {row.container}" if row.container else ""
    where = f"{row.file}:{row.line}" if row.file else ""
    head = "  ".join(part for part in (where, f"{who}{container}") if part)
    return one_line(f"{head}: {row.message}" if row.message else f"{head}: {row.field}")


def _sum(changes: VersionChanges) -> str:
    versions = changes.versions
    counts = [
        f"{sum(row.count for row in changes.changes if row.change == change):,} {words}"
        for change, words in (("appears", "appear"), ("disappears", "disappear"))
    ]
    judged = f"{changes.workloads:,} workload{'' if changes.workloads == 1 else 's'}"
    undecided = f", {changes.undecided:,} not decided" if changes.undecided else ""
    asked = f"{judged} at {changes.level}, {versions[0]} to {versions[-1]}{undecided}"
    return f"{asked}    findings: {', '.join(counts)}"


def render_versions_json(changes: VersionChanges) -> str:
    """Write them as indented JSON, with a line end."""
    return msgspec.json.format(msgspec.json.encode(changes), indent=2).decode() + "\n"
