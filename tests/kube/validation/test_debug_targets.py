"""The container that an ephemeral one aims at has to exist, and to be no ephemeral one itself."""

from typing import Any

import pytest

from podproof.kube.defaults import apply_defaults
from podproof.kube.validation import validate


@pytest.mark.parametrize(
    ("target", "found"),
    [("", True), ("c", True), ("i", True), ("d", False), ("other", False), ("gone", False)],
)
def test_target(target: str, found: bool) -> None:
    debugger = {"image": "i", "terminationMessagePolicy": "File"}
    pod: dict[str, Any] = {
        "metadata": {"name": "p"},
        "spec": {
            "containers": [{"name": "c", "image": "i"}],
            "initContainers": [{"name": "i", "image": "i"}],
            "ephemeralContainers": [
                {**debugger, "name": "other"},
                {**debugger, "name": "d", "targetContainerName": target},
            ],
        },
    }
    apply_defaults("Pod", pod)
    expected = [] if found else [f'spec.ephemeralContainers[1].targetContainerName: Not found: "{target}"']
    errors = [error.text for error in validate("Pod", pod, version=37)]
    assert [text for text in errors if "targetContainerName" in text] == expected
