"""What a document's findings say whole, in a text beside it: `findings/NAME.txt`, a section for each pod.

A document says what is found where; of what a finding says besides (its message, label, help, related places
and fix) it shows only as much as a reader wants. With the variable WRITE_FINDINGS set, `./test -n0
tests/checks` writes the texts again, to be read before they are committed; remove those of a document first
when its sentences have changed. A document without a text is not compared.
"""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from podproof.findings import Finding
from podproof.manifest.route import format_route


def compare(document: Path, section: str, findings: Sequence[Finding]) -> None:
    """Compare the findings of one pod with its section, or write them there."""
    path = _text_of(document)
    found = "\n".join(line for finding in findings for line in lines(finding))
    if os.environ.get("WRITE_FINDINGS"):
        path.parent.mkdir(exist_ok=True)
        known = sections(path) if path.is_file() else {}
        texts = [f"== {name}\n{text}\n" for name, text in {**known, section: found}.items() if text]
        path.write_text("\n".join(texts), encoding="utf-8")
    elif path.is_file():
        assert found == sections(path).get(section, ""), f"compare {path.name}"


def strays(document: Path, names: Sequence[str]) -> list[str]:
    """Name the sections of a document's text that belong to no pod of it."""
    path = _text_of(document)
    if os.environ.get("WRITE_FINDINGS"):
        return []
    return [name for name in sections(path) if name not in names] if path.is_file() else []


def _text_of(document: Path) -> Path:
    return document.parent / "findings" / f"{document.stem}.txt"


def sections(path: Path) -> dict[str, str]:
    """Read a text: what stands below each `== name`."""
    parts = re.split(r"^== (.*)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {name: text.strip("\n") for name, text in zip(parts[::2], parts[1::2], strict=True)}


def lines(finding: Finding) -> list[str]:
    """Write everything that a finding says, a line for each part."""
    whom = f" · {finding.container.kind} {finding.container.name!r}" if finding.container else ""
    flags = "".join(f" · {flag}" for flag in ("at_key", "advice") if getattr(finding, flag))
    written = [
        f"{finding.severity.value} {finding.check} · {format_route(finding.route) or '.'}{whom}{flags}"
    ]
    written.append(f"  {finding.whole_message}")
    if finding.label:
        written.append(f"  label: {finding.label}")
    written += [f"  help: {text}" for text in finding.help]
    written += [f"  see: {format_route(route)}" for route in finding.related]
    if finding.fix is not None:
        safe = " (safe)" if finding.fix.safe else ""
        for edit in finding.fix.edits:
            value = f" = {json.dumps(edit.value)}" if edit.operation == "set" else ""
            written.append(f"  fix: {edit.operation} {format_route(edit.route)}{value}{safe}")
    return written
