"""One place is complained about once: the check that says more is heard, unless nobody wants to hear it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from podproof.commands.check import command as check

TEXT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata:
      labels: {a: b}
      annotations:
        seccomp.security.alpha.kubernetes.io/pod: ANNOTATION
    spec: {containers: [{name: c, image: i}]}
"""


def found(tmp_path: Path, annotation: str, select: str) -> list[tuple[str, int]]:
    path = tmp_path / "d.yaml"
    path.write_text(TEXT.replace("ANNOTATION", annotation))
    arguments = [str(path), "--level", "privileged", "--format", "json", "--select", select]
    report = json.loads(CliRunner().invoke(check, arguments, standalone_mode=False).stdout)
    return [(finding["check"], finding["line"]) for finding in report["findings"]]


BOTH = "api-warning,seccomp-annotation-ignored"


@pytest.mark.parametrize(
    ("annotation", "select", "expected"),
    [
        ("runtime/default", BOTH, [("seccomp-annotation-ignored", 10)]),
        # who does not want to hear the one still hears the other
        ("runtime/default", "api-warning", [("api-warning", 10)]),
        # nothing is lost where only the API server complains
        ("unconfined", BOTH, [("api-warning", 10)]),
    ],
)
def test_a_seccomp_annotation_is_reported_once(
    tmp_path: Path, annotation: str, select: str, expected: list[tuple[str, int]]
) -> None:
    assert found(tmp_path, annotation, select) == expected
