"""The resources that nearly every container has are judged as they are beside an unusual one."""

import random
from typing import Any

import pytest

from podproof.kube.field_error import Errors
from podproof.kube.validation.resources import validate_resources

NAMES = ("cpu", "memory", "ephemeral-storage")
QUANTITIES = (
    "0",
    "1",
    "100m",
    "64Mi",
    "1Gi",
    "-1",
    "-5m",
    "0.5",
    "1e3",
    "",
    2,
    1.5,
    None,
    "nonsense",
    "1 Gi",
)
UNUSUAL = {"example.com/gpu": "1"}


def told(resources: dict[str, Any]) -> list[str]:
    errors = Errors()
    validate_resources(errors, resources, ("spec", "containers", 0, "resources"))
    return [error.text for error in errors]


def test_beside_an_unusual_one() -> None:
    faults = 0
    for seed in range(3_000):
        chance = random.Random(seed)
        usual = {
            side: {name: chance.choice(QUANTITIES) for name in NAMES if chance.random() < 0.6}
            for side in ("limits", "requests")
        }
        whole = {side: {**usual[side], **UNUSUAL} for side in usual}
        assert told(usual) == told(whole), (seed, usual)
        faults += bool(told(usual))
    assert 500 < faults < 2_500


@pytest.mark.parametrize("value", ["1", 1, 1.0])
def test_numbers_and_texts_are_kept_apart(value: object) -> None:
    assert not told({"limits": {"cpu": value}, "requests": {"cpu": value}})
    assert told({"limits": {"cpu": value}, "requests": {"cpu": "1001m"}}) == [
        'spec.containers[0].resources.requests: Invalid value: "1001m": '
        "must be less than or equal to cpu limit of 1"
    ]
