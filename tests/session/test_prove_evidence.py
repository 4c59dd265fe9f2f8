"""What `check` shows of a statement: findings by name, none at all, or all that there are."""

from pathlib import Path
from typing import Any

import pytest

from podproof.session.prove_evidence import by_check

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
