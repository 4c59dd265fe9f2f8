"""The resources that nearly every container has are judged as they are beside an unusual one."""

import random
from typing import Any

import pytest

from podproof.kube.field_error import Errors
from podproof.kube.validation import acceptance_warnings, resources
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


def test_what_is_long_or_much_is_not_remembered() -> None:
    """A file may hold as much of it as it likes."""
    resources._are_right.cache_clear()
    acceptance_warnings._are_whole.cache_clear()
    long = "1" * 100
    for limits in ({f"x{n}": "1" for n in range(4)}, {"cpu": long}, {"memory": long}, {"y" * 100: "1"}):
        validate_resources(Errors(), {"limits": limits}, (), frozenset(), pod_level=False)
        acceptance_warnings._are_known_whole(*limits.values())
    assert resources._are_right.cache_info().currsize == 0
    assert acceptance_warnings._are_whole.cache_info().currsize == 2  # four short ones, and one
    validate_resources(Errors(), {"limits": {"cpu": "1"}}, (), frozenset(), pod_level=False)
    assert resources._are_right.cache_info().currsize == 1
