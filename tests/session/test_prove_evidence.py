"""What `check` shows of a statement, and what `explain` does: findings by name, values with their origin."""

from pathlib import Path
from typing import Any

import pytest

from podproof.effective.image import ImageConfig
from podproof.effective.runtime import RUNTIMES
from podproof.results.proved import Shown
from podproof.session.prove.evidence import by_check, by_explain

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  securityContext:
    {runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: app
    image: demo
    securityContext:
      allowPrivilegeEscalation: %s
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
"""


@pytest.mark.parametrize(
    ("escalation", "asked", "shown"),
    [
        ("false", {}, [("findings", "none", True)]),
        ("false", {"check": []}, [("findings", "none", True)]),
        ("true", {}, [("findings", "allow-privilege-escalation (line 11)", True)]),
        ("true", {"check": []}, [("findings", "allow-privilege-escalation (line 11)", False)]),
        (
            "false",
            {"check": ["allow-privilege-escalation"]},
            [("allow-privilege-escalation", "no such finding", False)],
        ),
    ],
)
def test_findings(
    tmp_path: Path, escalation: str, asked: dict[str, Any], shown: list[tuple[str, str, bool]]
) -> None:
    path = tmp_path / "web.yaml"
    path.write_text(POD % escalation)
    found = by_check({"proof": ["check"], **asked}, path, {})
    assert [(one.what, one.found, one.holds) for one in found] == shown
    assert list(by_check({"proof": ["run"]}, path, {})) == []


@pytest.mark.parametrize("name", sorted(RUNTIMES))
def test_values_are_predicted_for_the_runtime_that_proves(tmp_path: Path, name: str) -> None:
    path = tmp_path / "web.yaml"
    path.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: x}]}\n"
    )
    images = {"x": ImageConfig(user="1000", passwd="")}

    def shown(text: str) -> Shown:
        fields = {"runAsGroup": {"value": 0, "origin": "runtime", "text": text}}
        claim = {"explain": [{"container": "app", "fields": fields}]}
        (only,) = by_explain(claim, path, images, RUNTIMES[name])
        return only

    assert shown("not in /etc/passwd").holds
    assert f"0 (runtime: {name}: uid 1000" in shown("not in /etc/passwd").found
    assert not shown("of another cause").holds


@pytest.mark.parametrize(("port", "holds"), [("80", True), ("81", False)])
@pytest.mark.parametrize("name", sorted(RUNTIMES))
def test_a_statement_names_the_sysctls_that_matter(tmp_path: Path, name: str, port: str, holds: bool) -> None:
    path = tmp_path / "web.yaml"
    path.write_text(
        "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: app, image: x}],"
        ' securityContext: {sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: "80"}]}}}'
    )
    fields = {"sysctls": {"value": {"net.ipv4.ip_unprivileged_port_start": port}, "origin": "pod"}}
    claim = {"explain": [{"container": "app", "fields": fields}]}
    (shown,) = by_explain(claim, path, {}, RUNTIMES[name])
    assert shown.holds is holds
