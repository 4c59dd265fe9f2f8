"""Findings that compare pods say in which field the user stands, not only on which line."""

from pathlib import Path

from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  containers:
  - name: c
    image: i
    securityContext:
      runAsUser: 1234
---
"""


def test_the_route_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "pods.yaml"
    path.write_text(POD.format(name="a") + POD.format(name="b"), encoding="utf-8")
    settings = ProjectConfiguration()
    selection = make_selection(settings, select=["shared-user-id"])
    found = check(collect([str(path)]), make_judge(settings), selection).findings
    route = ("spec", "containers", 0, "securityContext", "runAsUser")
    assert [f.finding.route for f in found] == [route, route]
    assert [f.finding.container.name for f in found if f.finding.container is not None] == ["c", "c"]
