"""Runs `check` in this process: texts of files come in, what a format writes about them goes out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from podproof.outputs.formats import FORMATS, ReportStyle
from podproof.results.checked import Suppression
from podproof.results.segment import CheckedRun, CheckReport, RenderedSegment, Segment
from podproof.session.check_run.pipeline import run_check
from podproof.session.config import find_configuration
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import find_unread

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
  - name: web
    image: nginx:1.27
    securityContext:
      privileged: true
"""

ALLOWED = """\
apiVersion: v1
kind: Pod
metadata: {name: quiet}
spec:
  securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: web
    image: nginx:1.27
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
"""

EVIL = (
    "\u202egnol\x07\x1b[31m\x00 \ud800 <script>alert(1)</script> @everyone #1 | `x` ``` ![p](http://x/y) "
    "[a](b) https://evil.example </details> ::error::no ##[error] %0A a,b:c ]]> &amp; **b** \r\n\t\u2028 "
    + "n"
    * 5_000
)
"""What somebody who wants to break a report writes as a name."""

HOSTILE = json.dumps(
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": EVIL, "namespace": "a|b\n@all", "annotations": {"seccomp.x": EVIL}},
        "spec": {
            "hostPID": True,
            "containers": [{"name": EVIL, "image": EVIL, "securityContext": {EVIL: 1}}],
        },
    }
)


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, report: CheckReport, level: str | None = None
) -> CheckedRun:
    """Check everything in a folder, which becomes the current one."""
    monkeypatch.chdir(folder)
    judge = make_judge(find_configuration("."), level=level)
    selection = make_selection(find_configuration("."))
    return run_check(find_unread(["."]), judge, selection, report, jobs=1)


def written(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    format_: str,
    files: Mapping[str, str],
    *,
    exit_code: int | None = 1,
    suppress: Mapping[str, Suppression] | None = None,
    level: str | None = None,
) -> str:
    """Write files, check them, and give what the format makes of it; `suppress` has suppressions by check."""
    write_files(folder, files)
    report: CheckReport = FORMATS[format_].make(ReportStyle(root=str(folder), folder=str(folder)))
    shown: CheckReport = _Suppressing(report, suppress) if suppress else report
    checked = msgspec.structs.replace(run(folder, monkeypatch, shown, level), exit_code=exit_code)
    return "".join(report.write(checked))


class _Suppressing:
    """A report that is told of suppressions as if somebody had written them."""

    def __init__(self, report: CheckReport, suppressions: Mapping[str, Suppression]) -> None:
        self._report = report
        self._suppressions = suppressions
        self.question = report.question
        self.wants_replacements = report.wants_replacements

    def render(self, segment: Segment) -> RenderedSegment:
        for page in segment.pages:
            page.findings = [self._told(located) for located in page.findings]
        return self._report.render(segment)

    def entry(self, page: int, located: Any) -> Any:
        return self._report.entry(page, self._told(located))

    def write(self, run: CheckedRun) -> Any:
        return self._report.write(run)

    def _told(self, located: Any) -> Any:
        suppression = self._suppressions.get(located.finding.check)
        return msgspec.structs.replace(located, suppression=suppression)
