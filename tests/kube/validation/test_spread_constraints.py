"""Topology spread constraints: how many domains, by which labels, and what 1.34 changed about them.

Source: kubernetes 1.33.13 and 1.37.2 pkg/apis/core/validation, validateTopologySpreadConstraints.
"""

from typing import Any

import pytest

from podproof.kube.review import review

AT = "spec.topologySpreadConstraints[0]"
BOTH = "exists in both matchLabelKeys and labelSelector"
NAME = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
SELECTOR = {"matchLabels": {"a": "x"}, "matchExpressions": [{"key": "b", "operator": "Exists"}]}


def refusals(minor: int, *constraints: dict[str, Any]) -> list[str]:
    usual = {"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {}}
    spec = {
        "containers": [{"name": "c", "image": "i"}],
        "topologySpreadConstraints": [{**usual, **constraint} for constraint in constraints],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    return [error.text for error in review(pod, version=minor).errors]


@pytest.mark.parametrize("minor", [33, 37])
@pytest.mark.parametrize(
    ("constraint", "errors"),
    [
        ({}, []),
        ({"maxSkew": 0}, [f"{AT}.maxSkew: Invalid value: 0: must be greater than zero"]),
        ({"maxSkew": -1}, [f"{AT}.maxSkew: Invalid value: -1: must be greater than zero"]),
        ({"topologyKey": ""}, [f"{AT}.topologyKey: Required value: can not be empty"]),
        (
            {"whenUnsatisfiable": "x"},
            [
                f'{AT}.whenUnsatisfiable: Unsupported value: "x": '
                'supported values: "DoNotSchedule", "ScheduleAnyway"'
            ],
        ),
        ({"minDomains": 1}, []),
        ({"minDomains": 0}, [f"{AT}.minDomains: Invalid value: 0: must be greater than zero"]),
        (
            {"minDomains": 1, "whenUnsatisfiable": "ScheduleAnyway"},
            [
                f"{AT}.minDomains: Invalid value: 1: can only use minDomains if "
                "whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway"
            ],
        ),
        ({"nodeAffinityPolicy": "Honor", "nodeTaintsPolicy": "Ignore"}, []),
        (
            {"nodeAffinityPolicy": "x", "nodeTaintsPolicy": "y"},
            [
                f'{AT}.nodeAffinityPolicy: Unsupported value: "x": supported values: "Honor", "Ignore"',
                f'{AT}.nodeTaintsPolicy: Unsupported value: "y": supported values: "Honor", "Ignore"',
            ],
        ),
        ({"matchLabelKeys": ["a"]}, []),
        ({"matchLabelKeys": ["a b"]}, [f'{AT}.matchLabelKeys[0]: Invalid value: "a b": {NAME}']),
        (
            {"matchLabelKeys": ["a"], "labelSelector": None},
            [f"{AT}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set"],
        ),
    ],
)
def test_one_constraint(constraint: dict[str, Any], errors: list[str], minor: int) -> None:
    assert refusals(minor, constraint) == errors


def test_keys_that_the_selector_has_are_refused_until_the_server_puts_them_there() -> None:
    constraint = {"matchLabelKeys": ["c", "a", "b"], "labelSelector": SELECTOR}
    assert refusals(33, constraint) == [
        f'{AT}.matchLabelKeys[1]: Invalid value: "a": {BOTH}',
        f'{AT}.matchLabelKeys[2]: Invalid value: "b": {BOTH}',
    ]
    assert refusals(34, constraint) == []


def test_two_constraints_differ_in_key_or_action() -> None:
    one, other = {"topologyKey": "a"}, {"topologyKey": "b"}
    assert refusals(37, one, other, {**one, "whenUnsatisfiable": "ScheduleAnyway"}) == []
    assert refusals(37, one, other, one) == [
        f'{AT}.{{topologyKey, whenUnsatisfiable}}: Duplicate value: "{{a, DoNotSchedule}}"'
    ]
