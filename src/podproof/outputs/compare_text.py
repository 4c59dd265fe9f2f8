"""`admit --compare` written: differences come in, text, JSON lines or YAML go out. Nothing here decides."""

import json
from collections.abc import Iterator
from typing import Any

from ..manifest.surrogates import unescape
from ..results.admitted import AdmitAnswer
from ..results.compared import (
    SCHEMA,
    AdmitChange,
    AdmitSide,
    Change,
    ChangedWorkload,
    Changes,
    describe_answer,
)
from ..results.plain import to_plain
from .plain import one_line

__all__ = ["render", "render_json", "render_yaml"]


def render(changes: Changes) -> str:
    """Write each workload whose verdict changes with what both sides say, and one line that sums up."""
    lines: list[str] = []
    for workload in changes.workloads:
        lines += [one_line(line) for line in _workload(workload, changes.sides)]
        lines.append("")
    requests = f"{changes.compared} request{'' if changes.compared == 1 else 's'} compared"
    if changes.denied_by_both:
        requests += f", {changes.denied_by_both} denied by both"
    counted = [f"{changes.newly_denied} newly denied"]
    if later := changes.count("newly denied later"):
        counted.append(f"{later} newly denied later")
    counted += [f"{changes.count(kind)} {kind}" for kind in ("newly allowed", "denied differently")]
    lines.append(f"{requests}    {', '.join(counted)}")
    return "\n".join(lines) + "\n"


def _workload(workload: ChangedWorkload, sides: tuple[str, str]) -> Iterator[str]:
    """Write a workload's changes, those with the same reason only once."""
    alike: dict[tuple[str, ...], list[Change]] = {}
    for change in sorted(workload.changes, key=lambda one: one.new.full_name != workload.name):
        alike.setdefault((_reason(change.old), _reason(change.new)), []).append(change)
    width = max(len(side) for side in sides)
    for first, *others in alike.values():
        new = first.new
        where = f" in namespace {new.namespace}" if new.namespace and new.kind != "Namespace" else ""
        of = f" of {workload.name}" if new.full_name != workload.name else ""
        why = f" ({new.not_yet})" if new.not_yet else ""
        yield f"{new.submission.at}  {new.full_name}{of}{where}: {first.verdict}{why}"
        for side, answer in zip(sides, (first.old, first.new), strict=True):
            yield f"  {side:{width}}  {describe_answer(answer)}"
        if others:
            yield f"  {'so too':{width}}  {', '.join(other.new.full_name for other in others)}"


def _reason(answer: AdmitAnswer) -> str:
    """Return the server's reason without the name of the object: pods of one workload share it."""
    said = describe_answer(answer)
    return said.partition(" is forbidden: ")[2] or said


def _entry(change: Change) -> dict[str, Any]:
    new, verdict = change.new, change.verdict
    assert verdict  # what does not differ is not among the changes
    entry: dict[str, Any] = to_plain(
        AdmitChange(
            schema=SCHEMA,
            uid=new.submission.uid,
            object=new.full_name,
            namespace=new.namespace,
            change=verdict,
            old=AdmitSide(change.old.allowed, describe_answer(change.old)),
            new=AdmitSide(new.allowed, describe_answer(new)),
            workload=new.full_name if new.workload is None else new.workload.name,
        )
    )
    return entry


def render_json(changes: Changes) -> bytes:
    """Write one difference a line."""
    return "".join(f"{json.dumps(unescape(_entry(change)))}\n" for change in changes.changed).encode()


def render_yaml(changes: Changes) -> bytes:
    """Write one document for each difference."""
    import yaml

    if not changes.changed:
        return b""
    entries = [unescape(_entry(change)) for change in changes.changed]
    text: str = yaml.safe_dump_all(entries, sort_keys=False, allow_unicode=True, width=1000)
    return text.encode()
