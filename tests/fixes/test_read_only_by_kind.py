"""Root file systems become read-only only in pods that are known to have volumes to write to."""

from typing import Any

import pytest

from podproof.fixes.volumes import READ_ONLY
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.objects import fix_object
from podproof.session.fix.options import FixOptions
from podproof.session.judging.settings import make_judge

SPEC = {"containers": [{"name": "a", "image": "i"}]}
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": SPEC}
BODY = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}


def of_kind(api_version: str, kind: str, spec: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "p"}, "spec": spec}


@pytest.mark.parametrize(
    ("value", "sealed"),
    [
        (of_kind("v1", "Pod", SPEC), True),
        (of_kind("apps/v1", "Deployment", BODY), True),
        # nobody says that a custom resource's pod takes volumes where its shape would have them
        (of_kind("example.org/v1", "Thing", BODY), False),
        # pieces of pods
        (TEMPLATE, False),
        (SPEC, False),
        ({"name": "a", "image": "i"}, False),
    ],
)
def test_which_pods(value: dict[str, Any], sealed: bool) -> None:
    judge = make_judge(ProjectConfiguration(), level="privileged")
    options = FixOptions(asked=frozenset((READ_ONLY,)))
    before = judge.judge(value)
    fix = fix_object(value, before, judge, options, lambda check: True, lambda finding: False, None)
    assert before.pods
    assert [change.checks for change in fix.changes] == ([(READ_ONLY,)] if sealed else [])
