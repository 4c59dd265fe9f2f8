"""What kubectl says of a fragment, by what it lacks."""

from pathlib import Path

import pytest

from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

SPEC = "spec:\n  containers:\n  - {name: c, image: i}\n"


@pytest.mark.parametrize(
    ("text", "unset"),
    [
        ("kind: Pod\nmetadata: {name: p}\n" + SPEC, "apiVersion not set"),
        ("metadata: {name: p}\n" + SPEC, "apiVersion not set, kind not set"),
    ],
)
def test_what_kubectl_says(text: str, unset: str, tmp_path: Path) -> None:
    path = tmp_path / "pod.yaml"
    path.write_text(text, encoding="utf-8")
    settings = ProjectConfiguration()
    found = check(collect([str(path)]), make_judge(settings), make_selection(settings, select=["fragment"]))
    helps = [text for f in found.findings for text in f.finding.help]
    assert helps == [f"kubectl refuses it: error validating data: [{unset}]"]
