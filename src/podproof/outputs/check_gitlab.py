"""Writes a check's result as GitLab's code quality report: a list of issues, each with its own fingerprint.

What is accepted (ignored, or in a baseline) is no issue. What was not judged is one.

Source: GitLab's documentation, "Code Quality", "Code Quality report format".
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from ..results.segment import CheckedRun
from .json_line import json_line
from .rows import ObjectRow, Rows, objects, shorten

__all__ = ["GitLabReport"]

_SEVERITIES = {"error": "critical", "warning": "major", "note": "info"}

_MOST_DESCRIPTION = 1_000


class GitLabReport(Rows):
    """One issue per line, in the order of the input."""

    def write(self, run: CheckedRun) -> Iterator[str]:
        """Write the list."""
        seen: dict[bytes, int] = {}
        yield "["
        for number, (fingerprint, issue) in enumerate(_issues(run)):
            key = bytes.fromhex(fingerprint)[:8]
            times = seen[key] = seen.get(key, 0) + 1
            issue["fingerprint"] = fingerprint if times == 1 else _digest(f"{fingerprint} {times}")
            yield f"{',' if number else ''}\n{json_line(issue)}"
        yield "\n]\n"


def _issues(run: CheckedRun) -> Iterator[tuple[str, dict[str, Any]]]:
    for about, findings in objects(run):
        for row in findings:
            if not row.suppressed:
                text = _with_name(about, row.message)
                yield row.fingerprint, _issue(about.file, row.line, row.check, row.severity, text)
        for more in about.unlisted:
            text = _with_name(about, f"{more.count:,} more findings of {more.check}, not listed")
            yield _own(about, more.check), _issue(about.file, about.line, more.check, more.severity, text)
        if about.not_judged:
            text = _with_name(about, f"not judged: {about.not_judged}")
            yield _own(about, "not judged"), _issue(about.file, about.line, "not-judged", "note", text)


def _issue(file: str, line: int, check: str, severity: str, text: str) -> dict[str, Any]:
    return {
        "description": shorten(text, _MOST_DESCRIPTION),
        "check_name": check,
        "fingerprint": "",
        "severity": _SEVERITIES[severity],
        "location": {"path": file, "lines": {"begin": line}},
    }


def _with_name(about: ObjectRow, text: str) -> str:
    return f"{shorten(about.name, 300)}: {text}" if about.name else text


def _own(about: ObjectRow, what: str) -> str:
    return _digest(f"{about.name or about.file} {what}")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
