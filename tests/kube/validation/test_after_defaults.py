"""What validation says of a pod whose defaults would have prevented it: a stored or an updated one."""

from typing import Any

import pytest

from podproof.kube.defaults import apply_defaults
from podproof.kube.validation import validate


@pytest.mark.parametrize(
    ("grace", "errors"),
    [
        (0, []),
        (1, []),
        (
            -1,
            [
                "spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0",
            ],
        ),
    ],
)
def test_a_negative_grace_period(grace: int, errors: list[str]) -> None:
    pod: dict[str, Any] = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    apply_defaults("Pod", pod)
    pod["spec"]["terminationGracePeriodSeconds"] = grace
    assert [error.text for error in validate("Pod", pod, version=37)] == errors


@pytest.mark.parametrize(("mode", "refused"), [(None, True), ("NonIndexed", True), ("Indexed", False)])
@pytest.mark.parametrize("field", ["backoffLimitPerIndex", "maxFailedIndexes"])
def test_a_job_counts_failures_by_index_only_if_it_has_indexes(
    field: str, mode: str | None, refused: bool
) -> None:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
    spec = {"template": template, "completions": 2, "backoffLimitPerIndex": 1, field: 1}
    job: dict[str, Any] = {"metadata": {"name": "j"}, "spec": spec}
    apply_defaults("Job", job)
    job["spec"]["completionMode"] = mode
    words = f"spec.{field}: Invalid value: 1: requires indexed completion mode"
    assert (words in [error.text for error in validate("Job", job, version=37)]) is refused


@pytest.mark.parametrize(
    ("policy", "error"),
    [
        ("Never", None),
        ("PreemptLowerPriority", None),
        ("", "Required value"),
        ("x", 'Unsupported value: "x": supported values: "PreemptLowerPriority", "Never"'),
    ],
)
def test_the_preemption_policy(policy: str, error: str | None) -> None:
    pod: dict[str, Any] = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    apply_defaults("Pod", pod)
    pod["spec"]["preemptionPolicy"] = policy
    found = [one.text for one in validate("Pod", pod, version=37)]
    assert found == ([] if error is None else [f"spec.preemptionPolicy: {error}"])
