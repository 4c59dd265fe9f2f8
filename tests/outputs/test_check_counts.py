"""`check` in a line for each finding, and in counts by check, level and folder."""

import json
import re

from custom_checks import check_text

from podproof.outputs.formats import FORMATS, ReportStyle
from podproof.outputs.paint import no_link
from podproof.outputs.segments import run_of, segment_of
from podproof.results.checked import Checked
from podproof.results.segment import CheckReport

TEXT = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostPID: true
  containers:
  - {name: "a\\u202e\\e", image: i}
---
apiVersion: v1
kind: Pod
metadata: {name: log}
spec: {containers: [{name: b, image: i}]}
---
kind: Pod
spec: *
"""


def written(report: CheckReport, checked: Checked) -> str:
    shown = "".join(report.write(run_of(checked, report.render(segment_of(checked)))))
    return re.sub(r"    [0-9.]+ m?s\n", "    TIME\n", shown)


def test_concise_is_a_line_each_with_object_and_container() -> None:
    checked = check_text(TEXT)
    lines = written(FORMATS["concise"].make(ReportStyle()), checked).splitlines()
    assert len(lines) == len(checked.findings) + 2
    assert (
        "a.yaml:5:12 error host-namespaces Pod web pod must not use the host's namespaces, has hostPID: true"
        in lines
    )
    assert any(
        line.startswith("a.yaml:7:5 note no-security-context Pod web/a\ufffd␛ container") for line in lines
    )
    assert any(line.startswith("a.yaml:15:7 error unreadable ") for line in lines)
    quiet = written(FORMATS["concise"].make(ReportStyle(show="findings")), checked)
    assert re.findall(r" (error|warning|note) ", quiet) == ["error"] * checked.summary.errors


def test_quiet_text_has_neither_notes_nor_last_lines() -> None:
    checked = check_text(TEXT)
    shown = written(FORMATS["text"].make(ReportStyle(show="findings")), checked)
    assert re.findall(r" (error|warning|note)  ", shown) == ["error"] * checked.summary.errors
    assert "checked" not in shown
    clean = check_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: i}]}\n"
    )
    assert written(FORMATS["text"].make(ReportStyle(show="findings")), clean) == ""


def test_statistics_count_by_check_level_and_folder() -> None:
    checked = check_text(TEXT)
    shown = written(FORMATS["text"].make(ReportStyle(show="statistics")), checked)
    assert "  error    1  host-namespaces" in shown
    assert "  note     2  no-security-context" in shown
    assert "\n  1  baseline\n  1  privileged\n" in shown
    total = checked.summary
    assert re.search(rf"\n +{total.errors} +0 +{total.notes}  \.\n", shown)
    summary = written(FORMATS["text"].make(ReportStyle(show="summary")), checked)
    assert (
        summary
        == shown[shown.index("workloads by") : shown.index("by folder")] + shown[shown.rindex("1 file") :]
    )


def test_the_counts_of_a_segment_are_one_text() -> None:
    report = FORMATS["text"].make(ReportStyle(show="statistics"))
    (text,) = report.render(segment_of(check_text(TEXT))).sections["counts"]
    counted, levels = json.loads(text)
    assert ["host-namespaces", "error", ".", 1] in counted
    assert levels == {"privileged": 1, "baseline": 1}
    assert no_link("privileged") == ""
