"""removed-api-version names what no server has, and of custom kinds only what its own groups lack."""

from pathlib import Path

import pytest

from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

TEMPLATE = "spec: {template: {spec: {containers: [{name: c, image: i}]}}}\n"


@pytest.mark.parametrize(
    ("api", "kind", "message"),
    [
        ("apps/v1", "Deployment", None),
        (
            "app/v1",
            "Deployment",
            'no matches for kind "Deployment" in version "app/v1"; write apiVersion: apps/v1',
        ),
        ("v1", "Job", 'no matches for kind "Job" in version "v1"; write apiVersion: batch/v1'),
        (
            "apps/v1",
            "Deploiment",
            'no matches for kind "Deploiment" in version "apps/v1"; did you mean Deployment?',
        ),
        (
            "apps/v1",
            "Xyz",
            'no matches for kind "Xyz" in version "apps/v1"; its pods were found by their shape',
        ),
        ("example.com/v1", "Deployment", None),
        ("example.com/v1", "Xyz", None),
        (
            "apps/v1beta1",
            "Deployment",
            "apps/v1beta1 Deployment was removed in Kubernetes 1.16; write apiVersion: apps/v1",
        ),
    ],
)
def test_a_workload(api: str, kind: str, message: str | None, tmp_path: Path) -> None:
    path = tmp_path / "pod.yaml"
    path.write_text(f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: x}}\n{TEMPLATE}", encoding="utf-8")
    settings = ProjectConfiguration()
    selection = make_selection(settings, select=["removed-api-version"])
    found = check(collect([str(path)]), make_judge(settings), selection).findings
    assert [f.finding.message for f in found] == ([] if message is None else [message])
