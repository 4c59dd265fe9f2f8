"""Affinity: what each term must have, and which values go with which operator.

Source: kubernetes 1.37.2 pkg/apis/core/validation, validateAffinity, ValidateNodeSelectorRequirement,
ValidateNodeFieldSelectorRequirement.
"""

from typing import Any

import pytest

from podproof.kube.review import review

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
AT = "spec.affinity."
VALUES = "Required value: must be specified when `operator` is 'In' or 'NotIn'"
NO_VALUES = "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
ONE_VALUE = "Required value: must be specified single value when `operator` is 'Lt' or 'Gt'"
RANGE = "must be in the range 1-100"


def refusals(affinity: dict[str, Any] | None) -> list[str]:
    spec = {"containers": [{"name": "c", "image": "i"}], "affinity": affinity}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    return [error.text for error in review(pod, version=37).errors]


@pytest.mark.parametrize("key", ["podAffinity", "podAntiAffinity"])
@pytest.mark.parametrize(
    ("kind", "term", "weight", "key_is_missing"),
    [
        (REQUIRED, {"topologyKey": "zone"}, None, False),
        (REQUIRED, {}, None, True),
        (PREFERRED, {"weight": 1, "podAffinityTerm": {"topologyKey": "zone"}}, None, False),
        (PREFERRED, {"weight": 100, "podAffinityTerm": {"topologyKey": "zone"}}, None, False),
        (PREFERRED, {"weight": 101, "podAffinityTerm": {"topologyKey": "zone"}}, 101, False),
        (PREFERRED, {"weight": 0, "podAffinityTerm": {"topologyKey": "zone"}}, 0, False),
        (PREFERRED, {"weight": 100, "podAffinityTerm": {}}, None, True),
        (PREFERRED, {"weight": 100, "podAffinityTerm": None}, None, True),
        (PREFERRED, {"weight": 100}, None, True),
        (PREFERRED, {}, 0, True),
    ],
)
def test_terms_of_pods(
    key: str, kind: str, term: dict[str, Any], weight: int | None, key_is_missing: bool
) -> None:
    found = refusals({key: {kind: [term]}})
    at = f"{AT}{key}.{kind}[0]"
    assert ([text for text in found if ".weight:" in text]) == (
        [] if weight is None else [f"{at}.weight: Invalid value: {weight}: {RANGE}"]
    )
    place = f"{at}.topologyKey" if kind == REQUIRED else f"{at}.podAffinityTerm.topologyKey"
    assert (f"{place}: Required value: can not be empty" in found) is key_is_missing
    assert bool(found) is (key_is_missing or weight is not None)


NODE = f"nodeAffinity.{REQUIRED}.nodeSelectorTerms"


@pytest.mark.parametrize(
    ("affinity", "errors"),
    [
        (None, []),
        ({}, []),
        ({"podAffinity": None, "podAntiAffinity": {}, "nodeAffinity": {}}, []),
        ({"nodeAffinity": {REQUIRED: {}}},
         [f"{NODE}: Required value: must have at least one node selector term"]),
        ({"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [{}]}}}, []),
        ({"nodeAffinity": {PREFERRED: [{"weight": 1}]}}, []),
        ({"nodeAffinity": {PREFERRED: [{}]}},
         [f"nodeAffinity.{PREFERRED}[0].weight: Invalid value: 0: {RANGE}"]),
        ({"nodeAffinity": {PREFERRED: [
            {"weight": 1, "preference": {"matchExpressions": [{"key": "a", "operator": "In"}]}}]}},
         [f"nodeAffinity.{PREFERRED}[0].preference.matchExpressions[0].values: {VALUES}"]),
    ],
)  # fmt: skip
def test_terms_of_nodes(affinity: dict[str, Any] | None, errors: list[str]) -> None:
    assert refusals(affinity) == [AT + error for error in errors]


def node(kind: str, requirement: dict[str, Any]) -> list[str]:
    terms = [{"matchExpressions": [{"key": "a", "operator": "Exists"}]}, {kind: [requirement]}]
    found = refusals({"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": terms}}})
    return [text.removeprefix(f"{AT}{NODE}[1].{kind}[0].") for text in found]


@pytest.mark.parametrize(
    ("operator", "values", "error"),
    [
        ("In", ["b"], None),
        ("In", ["b", "c"], None),
        ("In", [], f"values: {VALUES}"),
        ("NotIn", None, f"values: {VALUES}"),
        ("Exists", None, None),
        ("Exists", ["b"], f"values: {NO_VALUES}"),
        ("DoesNotExist", [], None),
        ("DoesNotExist", ["b"], f"values: {NO_VALUES}"),
        ("Gt", ["1"], None),
        ("Gt", ["1", "2"], f"values: {ONE_VALUE}"),
        ("Lt", ["1"], None),
        ("Lt", [], f"values: {ONE_VALUE}"),
        ("Other", ["b"], 'operator: Invalid value: "Other": not a valid selector operator'),
        (None, None, 'operator: Invalid value: "": not a valid selector operator'),
    ],
)
def test_expressions(operator: str | None, values: list[str] | None, error: str | None) -> None:
    found = node("matchExpressions", {"key": "a", "operator": operator, "values": values})
    assert found == ([] if error is None else [error])


ONE_NAME = (
    "values: Required value: must be only one value when `operator` is 'In' or 'NotIn' for node field "
    "selector"
)


@pytest.mark.parametrize(
    ("key", "operator", "values", "error"),
    [
        ("metadata.name", "In", ["n"], None),
        ("metadata.name", "NotIn", ["n"], None),
        ("metadata.name", "In", ["n", "m"], ONE_NAME),
        ("metadata.name", "NotIn", [], ONE_NAME),
        ("metadata.name", "Exists", [], 'operator: Invalid value: "Exists": not a valid selector operator'),
        ("a", "In", ["n"], 'key: Invalid value: "a": not a valid field selector key'),
    ],
)
def test_fields(key: str, operator: str, values: list[str], error: str | None) -> None:
    found = node("matchFields", {"key": key, "operator": operator, "values": values})
    assert found == ([] if error is None else [error])
