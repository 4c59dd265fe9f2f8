"""Jobs with the status of an end: one that is stored has ended, of one that is new it is forgotten."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from podproof.commands.admit import command as admit

STORED = {"uid": "1", "resourceVersion": "2"}


def _run(metadata: dict[str, Any], *arguments: str) -> Result:
    container = {"name": "c", "image": "i", "securityContext": {"privileged": True}}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j", **metadata},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
        "status": {"conditions": [{"type": "Complete", "status": "True"}]},
    }
    labels = ("--namespace-labels", "pod-security.kubernetes.io/enforce=baseline")
    return CliRunner().invoke(admit, ["-", *labels, *arguments], input=json.dumps(job), standalone_mode=False)


@pytest.mark.parametrize("arguments", [(), ("--recreate",)])
def test_a_new_job_has_pods_whatever_its_status(arguments: tuple[str, ...]) -> None:
    result = _run({}, *arguments)
    assert result.return_value == 1
    assert "1 workload whose pods will be denied" in result.stdout


@pytest.mark.parametrize("arguments", [(), ("--recreate",)])
def test_a_stored_job_that_has_ended_has_none_again(arguments: tuple[str, ...]) -> None:
    result = _run(STORED, *arguments)
    assert result.return_value == 0
    assert "pods will be denied" not in result.stdout
