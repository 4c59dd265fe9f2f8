"""`check --diff-versions`: from which version on what appears or disappears, as text and as JSON."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from podproof.errors import UsageError
from podproof.session.check_versions import parse_range

from .conftest import ROOT
from .test_check_baseline import podproof

RUNS_AS_ROOT = """\
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec:
  os: {name: windows}
  containers:
  - name: web
    image: nginx
    securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: {drop: [ALL]}}
"""
POLICY = """\
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: a}
spec:
  seLinux: {rule: RunAsAny}
  runAsUser: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
"""
CRON_JOB = """\
apiVersion: batch/v1beta1
kind: CronJob
metadata: {name: a}
spec:
  schedule: "0 0 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: web, image: nginx}]
"""
IGNORED = POLICY.replace(
    "kind: Pod", "# podproof: ignore[removed-api-version] it goes with the cluster\nkind: Pod", 1
)

Row = tuple[str, str, str, str]

SPARED = ("v1.25", "disappears", "seccomp-profile-restricted", "a")
"""Windows pods need no seccomp profile from restricted v1.25 on."""


def rows(changes: dict[str, Any]) -> list[Row]:
    return [(one["since"], one["change"], one["check"], one["name"]) for one in changes["changes"]]


@pytest.mark.parametrize(
    ("manifest", "range_", "level", "expected"),
    [
        (POLICY, "v1.21..v1.37", "privileged", [("v1.25", "appears", "removed-api-version", "a")]),
        (POLICY, "1.25..1.37", "privileged", []),
        (POLICY, "v1.21..v1.24", "privileged", []),
        (CRON_JOB, "v1.20..v1.37", "privileged", [("v1.25", "appears", "removed-api-version", "a")]),
        (RUNS_AS_ROOT, "v1.24..v1.37", "restricted", [SPARED]),
        (RUNS_AS_ROOT, "v1.24..v1.37", "restricted:v1.24", []),
        (IGNORED, "v1.21..v1.37", "privileged", [("v1.25", "appears", "removed-api-version", "a")]),
    ],
    ids=["removed", "removed before", "not yet", "removed too", "level changes", "level stays", "refusal"],
)  # fmt: skip
def test_from_which_version_on(
    tmp_path: Path,
    manifest: str,
    range_: str,
    level: str,
    expected: list[Row],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(manifest)
    select = "removed-api-version,seccomp-profile-restricted"
    done = podproof(
        "check", ".", "--diff-versions", range_, "--level", level, "--select", select, "--format", "json"
    )
    changes = json.loads(done.out)
    jsonschema.validate(changes, json.loads((ROOT / "schemas/check-versions.v1.json").read_text()))
    assert rows(changes) == expected
    assert done.code == (1 if any(change == "appears" for _, change, _, _ in expected) else 0)
    assert changes["versions"][0] == f"v{range_.split('..')[0].removeprefix('v')}"


def test_text_names_version_check_and_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(POLICY)
    done = podproof("check", ".", "--diff-versions", "v1.21..v1.37", "--level", "privileged")
    assert done.out.splitlines()[:2] == ["from v1.25 on", "  + error  removed-api-version  appears (1)"]
    assert done.out.splitlines()[2].startswith("      a.yaml:1  PodSecurityPolicy a: policy/v1beta1 ")
    assert done.out.splitlines()[-1] == (
        "1 workload at privileged, v1.21 to v1.37    findings: 1 appear, 0 disappear"
    )


def test_what_cannot_be_read_is_not_a_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("a: [")
    done = podproof("check", ".", "--diff-versions", "v1.24..v1.25")
    assert done.code == 4
    assert "1 not decided" in done.out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("v1.24", "write two versions, such as v1.24..v1.37"),
        ("v1.37..v1.24", "write the older version first"),
        ("v1.24..v1.24", "write the older version first"),
        ("v1.24..v1.99", "v1.99 is not known yet"),
        ("v1.24..two", '"two" is not a Kubernetes version'),
    ],
)
def test_a_range_is_two_known_versions(text: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_range(text)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--kubernetes-version", "v1.30"), "leave --kubernetes-version out"),
        (("--format", "sarif"), "has no format sarif"),
        (("-",), "write them to a file first"),
    ],
)
def test_what_does_not_go_together(options: tuple[str, ...], words: str) -> None:
    done = podproof("check", *options, "--diff-versions", "v1.24..v1.25")
    assert (done.code, done.out) == (2, "")
    assert words in done.err
