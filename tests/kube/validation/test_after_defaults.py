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
