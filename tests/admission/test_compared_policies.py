"""When two namespace policies judge alike, which level is stricter, and when nothing is judged at all."""

from itertools import product

import pytest

from podproof.admission.labels import Policy, is_equivalent, is_fully_privileged, policy_of, stricter
from podproof.policies.levels import LevelVersion

PRIVILEGED, OLD = LevelVersion("privileged"), LevelVersion("privileged", "v1.1")
BASELINE = LevelVersion("baseline")
MODES = ("enforce", "audit", "warn")


def test_stricter() -> None:
    levels = ("privileged", "baseline", "restricted")
    found = [(one, other) for one, other in product(levels, levels) if stricter(one, other)]  # type: ignore[arg-type]
    assert found == [("baseline", "privileged"), ("restricted", "privileged"), ("restricted", "baseline")]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (PRIVILEGED, PRIVILEGED, True),
        (PRIVILEGED, OLD, True),
        (PRIVILEGED, BASELINE, False),
        (BASELINE, PRIVILEGED, False),
        (BASELINE, BASELINE, True),
        (BASELINE, LevelVersion("baseline", "v1.1"), False),
        (BASELINE, LevelVersion("restricted"), False),
    ],
)
def test_equivalent(mode: str, one: LevelVersion, other: LevelVersion, alike: bool) -> None:
    assert is_equivalent(Policy(**{mode: one}), Policy(**{mode: other})) is alike


@pytest.mark.parametrize("mode", MODES)
def test_fully_privileged(mode: str) -> None:
    assert is_fully_privileged(Policy())
    assert is_fully_privileged(Policy(**{mode: OLD}))
    assert not is_fully_privileged(Policy(**{mode: BASELINE}))


def test_a_label_that_is_null_is_an_empty_text() -> None:
    found, errors = policy_of({"pod-security.kubernetes.io/enforce": None}, Policy())  # type: ignore[dict-item]
    assert str(found.enforce) == "restricted:latest"
    assert [error.text for error in errors] == [
        'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "": '
        "must be one of privileged, baseline, restricted"
    ]


@pytest.mark.parametrize("labels", [None, {}])
def test_without_labels_the_defaults_hold(labels: dict[str, str] | None) -> None:
    defaults = Policy(BASELINE)
    assert policy_of(labels, defaults) == (defaults, [])


def test_a_warn_version_is_kept_when_the_enforced_level_is_warned_about() -> None:
    defaults = Policy(warn=LevelVersion("privileged", "v1.7"))
    found, _ = policy_of(
        {
            "pod-security.kubernetes.io/enforce": "baseline",
            "pod-security.kubernetes.io/enforce-version": "v1.8",
        },
        defaults,
    )
    assert str(found.warn) == "baseline:v1.8"
    found, errors = policy_of(
        {"pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/warn-version": "x"},
        defaults,
    )
    assert str(found.warn) == "baseline:latest"
    assert len(errors) == 1
