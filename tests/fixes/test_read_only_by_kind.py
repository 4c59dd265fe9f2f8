"""Root file systems become read-only only in pods that are known to have volumes to write to."""

from typing import Any

import pytest

from podproof.findings import Finding
from podproof.fixes.volumes import READ_ONLY
from podproof.manifest.route import Route
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
        ([{"name": "a", "image": "i"}], False),
        ({"kind": "Pod", "spec": SPEC}, False),
        ({"apiVersion": "v1", "spec": SPEC}, True),
    ],
)
def test_which_pods(value: Any, sealed: bool) -> None:
    judge = make_judge(ProjectConfiguration(), level="privileged")
    options = FixOptions(asked=frozenset((READ_ONLY,)))
    before = judge.judge(value)
    fix = fix_object(value, before, judge, options, lambda check: True, lambda finding: False, None)
    assert before.pods
    assert [change.checks for change in fix.changes] == ([(READ_ONLY,)] if sealed else [])


@pytest.mark.parametrize(
    ("accepted", "sealed"),
    [
        (("spec", "containers", 0, "securityContext", "readOnlyRootFilesystem"), False),
        (("spec", "containers", 0, "securityContext"), True),
        (("spec", "containers", 1, "securityContext", "readOnlyRootFilesystem"), True),
    ],
)
def test_what_somebody_accepted_stays_writable(accepted: Route, sealed: bool) -> None:
    """The finding that is looked for is the one that the check would make."""
    asked: list[Finding] = []

    def stays(finding: Finding) -> bool:
        asked.append(finding)
        return finding.route == accepted

    judge = make_judge(ProjectConfiguration(), level="privileged")
    value = of_kind("v1", "Pod", SPEC)
    options = FixOptions(asked=frozenset((READ_ONLY,)))
    fix = fix_object(value, judge.judge(value), judge, options, lambda check: True, stays, None)
    assert [change.checks for change in fix.changes] == ([(READ_ONLY,)] if sealed else [])
    found = [one for one in judge.judge(value).findings if one.check == READ_ONLY]
    assert {(one.check, one.severity, one.route, one.container) for one in asked} >= {
        (one.check, one.severity, one.route, one.container) for one in found
    }


@pytest.mark.parametrize(
    ("asked", "reported", "sealed"),
    [((READ_ONLY,), True, True), ((READ_ONLY,), False, False), ((), True, False), (("other",), True, False)],
)
def test_who_asks_for_it(asked: tuple[str, ...], reported: bool, sealed: bool) -> None:
    judge = make_judge(ProjectConfiguration(), level="privileged")
    value = of_kind("v1", "Pod", SPEC)

    def reports(check: str) -> bool:
        return reported or check != READ_ONLY

    options = FixOptions(asked=frozenset(asked))
    fix = fix_object(
        value, judge.judge(value, reports=reports), judge, options, reports, lambda finding: False, None
    )
    assert [change.checks for change in fix.changes] == ([(READ_ONLY,)] if sealed else [])
