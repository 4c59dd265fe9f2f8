"""Bytes that are no whole number: the server takes them and warns.

Source: kubernetes 1.37.2 pkg/api/pod/warnings.go, warningsForPodSpecAndMeta.
"""

from typing import Any

import pytest

from podproof.kube.review import review

SAID = "fractional byte value {} is invalid, must be an integer"
CASES = [
    ({"memory": "1500m", "cpu": "1500m"}, [("memory", '"1500m"')]),
    ({"ephemeral-storage": "0.5"}, [("ephemeral-storage", '"500m"')]),
    ({"ephemeral-storage": "1m", "memory": "2m"}, [("memory", '"2m"'), ("ephemeral-storage", '"1m"')]),
    ({"memory": "1Gi", "ephemeral-storage": "1", "cpu": "0.1"}, []),
    ({}, []),
    (None, []),
]


def warnings(spec: dict[str, Any], container: dict[str, Any]) -> tuple[str, ...]:
    whole = {"runtimeClassName": "r", "containers": [{"name": "c", "image": "i", **container}], **spec}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": whole}
    found = review(pod, version=37)
    assert found.errors == ()
    return found.warnings


@pytest.mark.parametrize(("quantities", "told"), CASES)
def test_of_a_pods_overhead(quantities: dict[str, str] | None, told: list[tuple[str, str]]) -> None:
    expected = tuple(f"spec.overhead[{name}]: {SAID.format(value)}" for name, value in told)
    assert warnings({"overhead": quantities}, {}) == expected


@pytest.mark.parametrize("side", ["limits", "requests"])
@pytest.mark.parametrize(("quantities", "told"), CASES)
def test_of_a_container(side: str, quantities: dict[str, str] | None, told: list[tuple[str, str]]) -> None:
    # what is only limited is requested as well
    sides = {"limits": ("limits", "requests"), "requests": ("requests",)}[side]
    expected = {
        f"spec.containers[0].resources.{one}[{name}]: {SAID.format(value)}"
        for name, value in told
        for one in sides
    }
    assert set(warnings({}, {"resources": {side: quantities}})) == expected
