"""A fix counts its routes from the object that a finding is about, wherever the pod stands in it."""

from typing import Any

import pytest
import yaml

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge

CONTEXT = {"privileged": True, "capabilities": {"add": ["SYS_ADMIN", "CHOWN"]}}
SPEC = {"hostPID": True, "containers": [{"name": "web", "image": "nginx", "securityContext": CONTEXT}]}
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": SPEC}


def workload(kind: str, api_version: str, spec: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}, "spec": spec}


OBJECTS = {
    "Pod": workload("Pod", "v1", SPEC),
    "Deployment": workload(
        "Deployment", "apps/v1", {"selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE}
    ),
    "CronJob": workload(
        "CronJob",
        "batch/v1",
        {
            "schedule": "0 0 * * *",
            "jobTemplate": {"spec": {"template": TEMPLATE | {"spec": SPEC | {"restartPolicy": "Never"}}}},
        },
    ),
    "custom resource": workload(
        "Rollout", "argoproj.io/v1alpha1", {"selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE}
    ),
    "pod template": TEMPLATE,
    "pod spec": SPEC,
    "container": SPEC["containers"][0],  # type: ignore[index]
    "container's security context": CONTEXT,
    "pod's security context": {"runAsNonRoot": False, "fsGroup": 2000},
}


@pytest.mark.parametrize("what", OBJECTS)
def test_each_fix_ends_its_finding(what: str) -> None:
    judge = make_judge(ProjectConfiguration())
    value = yaml.safe_load(yaml.safe_dump(OBJECTS[what]))
    findings = judge.judge(value).findings
    fixed = [finding for finding in findings if finding.fix is not None]
    assert fixed, findings
    for finding in fixed:
        assert finding.fix is not None
        after = apply_edits(value, finding.fix.edits)
        assert after != value
        assert (finding.check, finding.route) not in [(f.check, f.route) for f in judge.judge(after).findings]


def test_what_was_filled_in_around_a_fragment_has_no_fix() -> None:
    findings = make_judge(ProjectConfiguration()).judge({"runAsNonRoot": False, "fsGroup": 2000}).findings
    assert all(finding.fix is None for finding in findings if finding.route != ("runAsNonRoot",))
    assert [f.fix.edits for f in findings if f.fix] == [(Edit(("runAsNonRoot",), "set", True),)]
