"""Advice in a whole run: what it repeats is left out, what is selected is heard, pods are seen together."""

from pathlib import Path
from typing import Any

import pytest
from cost import LINEAR, growth

from podproof.checks.model.advice import AdviceCheck
from podproof.checks.model.catalogue import all_checks
from podproof.findings import Severity
from podproof.results.checked import Checked
from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

BARE = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes:
  - {name: root, hostPath: {path: /}}
  containers:
  - name: web
    image: nginx:1.27
    volumeMounts: [{name: root, mountPath: /host}]
"""
USER = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  containers:
  - {{name: a, image: web, securityContext: {{runAsUser: 1000}}}}
"""
ABOUT = {
    "default-capabilities",
    "low-user-id",
    "no-security-context",
    "privilege-escalation-allowed",
    "runtime-socket",
    "writable-host-path",
    "writable-root-filesystem",
}


def run(folder: Path, text: str | dict[str, str], level: str = "restricted", **asked: Any) -> Checked:
    """Check files of these texts; `asked` goes to the configuration, but for select and ignore."""
    files = {"pod.yaml": text} if isinstance(text, str) else text
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    named = {key: asked.pop(key) for key in ("select", "ignore") if key in asked}
    configuration = ProjectConfiguration(folder=str(folder), **asked)
    return check(
        collect([str(folder)]), make_judge(configuration, level=level), make_selection(configuration, **named)
    )


def notes(result: Checked) -> set[str]:
    """The advice of interest here; what other checks advise for the same pod is theirs to test."""
    return ABOUT & {f.finding.check for f in result.findings if f.finding.severity is Severity.NOTE}


def test_what_the_level_reports_is_not_repeated(tmp_path: Path) -> None:
    assert notes(run(tmp_path, BARE)) == {"runtime-socket", "writable-root-filesystem"}
    assert notes(run(tmp_path, BARE, "baseline")) == {"no-security-context", "runtime-socket"}
    assert notes(run(tmp_path, BARE, "privileged")) == {
        "no-security-context",
        "runtime-socket",
        "writable-host-path",
    }


@pytest.mark.parametrize("name", sorted(ABOUT - {"low-user-id"}))
def test_what_is_selected_is_heard(tmp_path: Path, name: str) -> None:
    assert notes(run(tmp_path, BARE, select=[name])) == {name}


def test_what_is_ignored_covers_nothing(tmp_path: Path) -> None:
    covering = ["capabilities-restricted", "no-security-context"]
    assert "default-capabilities" in notes(run(tmp_path, BARE, ignore=covering))
    ignored = ("restricted-volumes", "host-path-volumes")
    result = run(tmp_path, BARE, per_file_ignores={"pod.yaml": ignored})
    assert "writable-host-path" in notes(result)


def test_another_containers_error_covers_nothing(tmp_path: Path) -> None:
    two = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: a, image: web, securityContext: {runAsUser: 0}}
  - {name: b, image: web, securityContext: {runAsUser: 33, runAsNonRoot: true}}
"""
    result = run(tmp_path, two)
    (found,) = [f.finding for f in result.findings if f.finding.check == "low-user-id"]
    assert found.container is not None
    assert found.container.name == "b"
    # the pod's own error is about all of its containers
    whole = BARE.replace("spec:\n", "spec:\n  securityContext: {runAsUser: 0}\n")
    assert "low-user-id" not in notes(run(tmp_path, whole))


def test_severity_is_configurable(tmp_path: Path) -> None:
    asked = {"writable-root-filesystem": "error", "shared-user-id": "warning"}
    files = {f"{name}.yaml": USER.format(name=name) for name in ("one", "two")}
    result = run(tmp_path, files, "privileged", severity=asked)
    ranks = {f.finding.check: f.finding.severity for f in result.findings}
    assert ranks["writable-root-filesystem"] is Severity.ERROR
    assert ranks["shared-user-id"] is Severity.WARNING
    assert ranks["default-capabilities"] is Severity.NOTE
    assert (result.summary.errors, result.summary.warnings) == (2, 2)


def test_users_are_compared_across_files(tmp_path: Path) -> None:
    files = {f"{name}.yaml": USER.format(name=name) for name in ("one", "three", "two")}
    result = run(tmp_path, files, select=["shared-user-id"])
    assert [f.file for f in result.findings] == [str(tmp_path / name) for name in files]
    first = result.findings[0]
    assert first.object is not None
    assert (first.object.name, first.document, first.place.line) == ("one", 1, 6)
    assert first.finding.container is not None
    assert first.finding.message == (
        f'container "a" runs as user 1000, as do container "a" of Pod "three" ({tmp_path}/three.yaml:6) and '
        f'container "a" of Pod "two" ({tmp_path}/two.yaml:6): give it a runAsUser of its own'
    )


def test_a_file_that_is_ignored_is_still_seen(tmp_path: Path) -> None:
    files = {f"{name}.yaml": USER.format(name=name) for name in ("one", "two")}
    result = run(tmp_path, files, per_file_ignores={"one.yaml": ("shared-user-id",)})
    assert [f.file for f in result.findings if f.finding.check == "shared-user-id"] == [
        str(tmp_path / "two.yaml")
    ]
    assert "shared-user-id" not in notes(run(tmp_path, files, ignore=["shared-user-id"]))


def test_findings_of_a_file_stay_together_in_the_order_of_its_text(tmp_path: Path) -> None:
    files = {f"{name}.yaml": USER.format(name=name) for name in ("one", "two")}
    result = run(tmp_path, files)
    places = [(f.file, f.place.line, f.place.column) for f in result.findings]
    assert places == sorted(places)


def _with_one_user(tmp_path: Path, pods: int) -> Checked:
    text = "---\n".join(USER.format(name=f"n{number}") for number in range(pods))
    return run(tmp_path, text, select=["shared-user-id"])


def test_hundreds_with_one_user_have_short_messages(tmp_path: Path) -> None:
    result = _with_one_user(tmp_path, 500)
    assert len(result.findings) == 500
    assert max(len(f.finding.message) for f in result.findings) < 1000


def test_the_work_grows_with_the_pods_of_one_user_and_no_faster(tmp_path: Path) -> None:
    assert growth(lambda pods: _with_one_user(tmp_path, pods), 50) < LINEAR


def test_what_covers_advice_exists() -> None:
    known = {each.id: each for each in all_checks()}
    for advice in (each for each in known.values() if isinstance(each, AdviceCheck)):
        assert advice.severity is Severity.NOTE
        for name in advice.covered_by:
            other = known[name]
            # one step only: what covers advice and is advice is not covered by advice itself
            if isinstance(other, AdviceCheck):
                assert not any(isinstance(known[id_], AdviceCheck) for id_ in other.covered_by)
