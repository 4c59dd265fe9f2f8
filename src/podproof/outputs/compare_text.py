"""`admit --compare` written: differences come in, text, JSON lines or YAML go out. Nothing here decides."""

import json
from typing import Any

from ..manifest.surrogates import unescape
from ..results.compared import SCHEMA, AdmitChange, AdmitSide, Change, Changes, describe_answer
from ..results.plain import to_plain
from .kubectl import name_of
from .plain import one_line

__all__ = ["render", "render_json", "render_yaml"]


def render(changes: Changes) -> str:
    """Write each object whose verdict changes with what both sides say, and one line that sums up."""
    lines: list[str] = []
    width = max(len(side) for side in changes.sides)
    for change in changes.changed:
        new = change.new
        where = f" in namespace {new.namespace}" if new.namespace and new.kind != "Namespace" else ""
        lines.append(one_line(f"{new.submission.at}  {name_of(new)}{where}: {change.verdict}"))
        for side, answer in zip(changes.sides, (change.old, change.new), strict=True):
            lines.append(one_line(f"  {side:{width}}  {describe_answer(answer)}"))
        lines.append("")
    denied, allowed = changes.newly_denied, sum("allowed" in change.verdict for change in changes.changed)
    others = len(changes.changed) - denied - allowed
    requests = f"{changes.compared} request{'' if changes.compared == 1 else 's'} compared"
    lines.append(f"{requests}    {denied} newly denied, {allowed} newly allowed, {others} denied differently")
    return "\n".join(lines) + "\n"


def _entry(change: Change) -> dict[str, Any]:
    new, verdict = change.new, change.verdict
    assert verdict  # what does not differ is not among the changes
    entry: dict[str, Any] = to_plain(
        AdmitChange(
            schema=SCHEMA,
            uid=new.submission.uid,
            object=name_of(new),
            namespace=new.namespace,
            change=verdict,
            old=AdmitSide(change.old.allowed, describe_answer(change.old)),
            new=AdmitSide(new.allowed, describe_answer(new)),
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
