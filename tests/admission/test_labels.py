"""Namespace labels to policies: upstream's rules for what is wrong and what is missing."""

import pytest

from podproof.admission.labels import PREFIX, Policy, policy_of
from podproof.kube.field_error import FieldError
from podproof.policies.levels import LevelVersion


def _policy(labels: dict[str, str], defaults: Policy | None = None) -> tuple[str, list[str]]:
    found, errors = policy_of({PREFIX + k: v for k, v in labels.items()}, defaults or Policy())
    return f"{found.enforce} {found.audit} {found.warn}", [error.text for error in errors]


_LEVELS = "must be one of privileged, baseline, restricted"
_VERSIONS = 'must be "latest" or "v1.x"'


@pytest.mark.parametrize(
    ("labels", "policy", "errors"),
    [
        ({}, "privileged:latest privileged:latest privileged:latest", []),
        ({"enforce": "restricted"}, "restricted:latest privileged:latest restricted:latest", []),
        (
            {"enforce": "baseline", "enforce-version": "v1.23"},
            "baseline:v1.23 privileged:latest baseline:v1.23",
            [],
        ),
        (
            {"enforce": "restricted", "warn": "baseline"},
            "restricted:latest privileged:latest baseline:latest",
            [],
        ),
        (
            {"enforce": "restricted", "enforce-version": "v1.2", "warn-version": "v1.1"},
            "restricted:v1.2 privileged:latest restricted:v1.1",
            [],
        ),
        (
            {"enforce-version": "v1.5"},
            "privileged:v1.5 privileged:latest privileged:latest",
            [],
        ),
        (
            {"enforce": "Restricted"},
            "restricted:latest privileged:latest privileged:latest",
            [f'metadata.labels[{PREFIX}enforce]: Invalid value: "Restricted": {_LEVELS}'],
        ),
        (
            {"audit": "x", "warn": ""},
            "privileged:latest privileged:latest privileged:latest",
            [
                f'metadata.labels[{PREFIX}audit]: Invalid value: "x": {_LEVELS}',
                f'metadata.labels[{PREFIX}warn]: Invalid value: "": {_LEVELS}',
            ],
        ),
        (
            {"warn-version": "1.25", "audit-version": "v1.05", "enforce-version": "v2.0"},
            "privileged:latest privileged:latest privileged:latest",
            [
                f'metadata.labels[{PREFIX}enforce-version]: Invalid value: "v2.0": {_VERSIONS}',
                f'metadata.labels[{PREFIX}audit-version]: Invalid value: "v1.05": {_VERSIONS}',
                f'metadata.labels[{PREFIX}warn-version]: Invalid value: "1.25": {_VERSIONS}',
            ],
        ),
        (
            {"enforce-version": "v1.99999999999999999999"},
            "privileged:latest privileged:latest privileged:latest",
            [
                f"metadata.labels[{PREFIX}enforce-version]: Invalid value: "
                f'"v1.99999999999999999999": {_VERSIONS}'
            ],
        ),
        ({"enforce-version": "v1.99"}, "privileged:v1.99 privileged:latest privileged:latest", []),
    ],
)
def test_labels(labels: dict[str, str], policy: str, errors: list[str]) -> None:
    assert _policy(labels) == (policy, errors)


def test_defaults_hold_where_no_label_speaks() -> None:
    defaults = Policy(
        LevelVersion("baseline", "v1.1"), LevelVersion("restricted"), LevelVersion("restricted")
    )
    assert _policy({"audit": "baseline"}, defaults)[0] == "baseline:v1.1 baseline:latest restricted:latest"
    # the default warn level is already stricter than the label that enforces
    assert (
        _policy({"enforce": "baseline"}, defaults)[0] == "baseline:v1.1 restricted:latest restricted:latest"
    )


def test_labels_that_are_not_ours_count_for_nothing() -> None:
    found, errors = policy_of({"app": "x", "pod-security.kubernetes.io/nosuch": "y"}, Policy())
    assert (found, errors) == (Policy(), [])


@pytest.mark.parametrize("mode", ["enforce", "audit", "warn"])
@pytest.mark.parametrize(
    ("suffix", "value", "detail"),
    [
        ("", "x", "must be one of privileged, baseline, restricted"),
        ("", "", "must be one of privileged, baseline, restricted"),
        ("-version", "x", 'must be "latest" or "v1.x"'),
        ("-version", "", 'must be "latest" or "v1.x"'),
    ],
)
def test_the_whole_error(mode: str, suffix: str, value: str, detail: str) -> None:
    key = f"{PREFIX}{mode}{suffix}"
    _, errors = policy_of({key: value}, Policy())
    assert errors == [
        FieldError(
            "Invalid value", ("metadata", "labels", key), value, detail, field=f"metadata.labels[{key}]"
        )
    ]
