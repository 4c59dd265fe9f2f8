"""Label selectors: which labels they match, how Go prints them, what is wrong with them; and metadata.

Source: apimachinery 1.37.2 pkg/apis/meta/v1 helpers.go LabelSelectorAsSelector, validation.go
ValidateLabelSelector, pkg/labels selector.go, pkg/api/validation objectmeta.go.
"""

from collections.abc import Callable
from typing import Any

import pytest

from podproof.kube.feature_gates import FeatureGates
from podproof.kube.field_error import Errors
from podproof.kube.validation.metadata import (
    selector_is_empty,
    selector_is_usable,
    selector_matches,
    show_selector,
    validate_annotations,
    validate_metadata,
    validate_selector,
    validate_user_annotations,
)


def one(operator: str, *values: str, key: str = "a") -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "matched", "missed"),
    [
        (None, [], [{}, {"a": "1"}, None]),
        ({}, [{}, None, {"a": "1"}], []),
        ({"matchLabels": {}, "matchExpressions": []}, [{}, None], []),
        ({"matchLabels": {"a": "1"}}, [{"a": "1"}, {"a": "1", "b": "2"}], [{}, {"a": "2"}, {"b": "1"}, None]),
        ({"matchLabels": {"a": "1", "b": "2"}}, [{"a": "1", "b": "2"}], [{"a": "1"}, {"b": "2"}]),
        ({"matchLabels": {"a": None}}, [{"a": ""}, {"a": None}], [{"a": "1"}, {}]),
        (one("In", "1", "2"), [{"a": "1"}, {"a": "2"}], [{"a": "3"}, {}, {"b": "1"}]),
        (one("In", ""), [{"a": ""}, {"a": None}], [{}, {"a": "1"}]),
        # what has no such label is not in either
        (one("NotIn", "1", "2"), [{"a": "3"}, {}, {"b": "1"}], [{"a": "1"}, {"a": "2"}]),
        (one("Exists"), [{"a": "1"}, {"a": ""}], [{}, {"b": "1"}]),
        (one("DoesNotExist"), [{}, {"b": "1"}], [{"a": "1"}, {"a": ""}]),
        # all have to hold
        ({**one("Exists"), "matchLabels": {"b": "1"}}, [{"a": "", "b": "1"}], [{"a": ""}, {"b": "1"}]),
        (
            {"matchExpressions": [
                {"key": "a", "operator": "In", "values": ["1"]}, {"key": "b", "operator": "Exists"},
            ]},
            [{"a": "1", "b": "1"}],
            [{"a": "1"}, {"b": "1"}, {"a": "2", "b": "1"}],
        ),
    ],
)  # fmt: skip
def test_which_labels_match(selector: Any, matched: list[Any], missed: list[Any]) -> None:
    assert [labels for labels in matched if not selector_matches(selector, labels)] == []
    assert [labels for labels in missed if selector_matches(selector, labels)] == []


@pytest.mark.parametrize(
    ("selector", "shown", "empty"),
    [
        (None, "null", True),
        ({}, "{}", True),
        ({"matchLabels": {}, "matchExpressions": None}, "{}", True),
        ({"matchLabels": {"b": "2", "a": "1"}}, '{"matchLabels":{"a":"1","b":"2"}}', False),
        (
            one("In", "1", "2"),
            '{"matchExpressions":[{"key":"a","operator":"In","values":["1","2"]}]}',
            False,
        ),
        (one("Exists"), '{"matchExpressions":[{"key":"a","operator":"Exists"}]}', False),
        ({"matchExpressions": [{}]}, '{"matchExpressions":[{"key":"","operator":""}]}', False),
        (
            {**one("Exists"), "matchLabels": {"a": "1"}},
            '{"matchLabels":{"a":"1"},"matchExpressions":[{"key":"a","operator":"Exists"}]}',
            False,
        ),
        (
            {"matchExpressions": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "Exists"}]},
            '{"matchExpressions":[{"key":"a","operator":"Exists"},{"key":"b","operator":"Exists"}]}',
            False,
        ),
    ],
)
def test_how_a_selector_is_printed(selector: Any, shown: str, empty: bool) -> None:
    assert show_selector(selector).text == shown
    assert selector_is_empty(selector) is empty


IN = "must be specified when `operator` is 'In' or 'NotIn'"
EXISTS = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
NO_OPERATOR = "not a valid selector operator"


@pytest.mark.parametrize(
    ("selector", "errors"),
    [
        (None, []),
        ({}, []),
        (one("In", "1"), []),
        (one("In"), [f"s.matchExpressions[0].values: Required value: {IN}"]),
        (one("NotIn"), [f"s.matchExpressions[0].values: Required value: {IN}"]),
        (one("Exists"), []),
        (one("Exists", "1"), [f"s.matchExpressions[0].values: Forbidden: {EXISTS}"]),
        (one("DoesNotExist", "1"), [f"s.matchExpressions[0].values: Forbidden: {EXISTS}"]),
        (one("Is"), [f's.matchExpressions[0].operator: Invalid value: "Is": {NO_OPERATOR}']),
        (one(""), [f's.matchExpressions[0].operator: Invalid value: "": {NO_OPERATOR}']),
    ],
)
def test_what_is_wrong_with_a_selector(selector: Any, errors: list[str]) -> None:
    found = Errors(FeatureGates(37))
    validate_selector(found, selector, ("s",))
    assert [error.text for error in found] == errors
    assert selector_is_usable(selector) is (not errors)


def test_keys_and_values_of_a_selector() -> None:
    found = Errors(FeatureGates(37))
    validate_selector(found, {**one("In", "a b", key="a b"), "matchLabels": {"c d": "e f"}}, ("s",))
    places = [(error.route, error.text.partition(":")[0]) for error in found]
    assert places == [
        (("s", "matchLabels"), "s.matchLabels"),
        (("s", "matchLabels"), "s.matchLabels"),
        (("s", "matchExpressions", 0, "key"), "s.matchExpressions[0].key"),
        (("s", "matchExpressions", 0, "values", 0), "s.matchExpressions[0].values[0]"),
    ]


@pytest.mark.parametrize(
    ("annotations", "refused"),
    [
        ({"a": "x" * (256 * 1024 - 1)}, False),
        ({"a": "x" * 256 * 1024}, True),
        ({"a": "\u00e9" * (128 * 1024)}, True),
        ({"a": "x" * (256 * 1024 - 2), "b": None}, False),
        ({"a": "x" * (256 * 1024 - 1), "b": None}, True),
        (None, False),
    ],
)
def test_annotations_have_a_size_together(annotations: Any, refused: bool) -> None:
    found = Errors(FeatureGates(37))
    validate_annotations(found, annotations, ("metadata", "annotations"))
    words = "metadata.annotations: Too long: may not be more than 262144 bytes"
    assert [error.text for error in found] == ([words] if refused else [])


@pytest.mark.parametrize(
    ("metadata", "places"),
    [
        ({"name": "a"}, []),
        ({"generateName": "a-"}, []),
        ({}, ["metadata.name: Required value: name or generateName is required"]),
        ({"name": "A"}, ['metadata.name: Invalid value: "A"']),
        ({"name": "a", "generateName": "AB-"}, ['metadata.generateName: Invalid value: "AB-"']),
        # Go looks at "a" instead of the letter and the hyphen at the end
        ({"name": "a", "generateName": "A-"}, []),
        ({"name": "a", "namespace": "N"}, ['metadata.namespace: Invalid value: "N"']),
        ({"name": "a", "namespace": ""}, []),
    ],
)
def test_names(metadata: Any, places: list[str]) -> None:
    found = Errors(FeatureGates(37))
    validate_metadata(found, metadata)
    assert [error.text[: len(place)] for error, place in zip(found, places, strict=True)] == places


def test_the_name_that_the_server_makes_is_judged_too() -> None:
    found = Errors(FeatureGates(37))
    validate_metadata(found, {"generateName": "AB-"})
    first, second = [error.text.partition(":")[0] for error in found]
    assert (first, second) == ("metadata.generateName", "metadata.name")
    found = Errors(FeatureGates(37))
    validate_metadata(found, {"generateName": "A-"}, generated=False)
    assert [error.text.partition(":")[0] for error in found] == ["metadata.name"]


@pytest.mark.parametrize(
    ("annotations", "errors"),
    [
        ({}, []),
        ({"acme.io/foo": "x"}, []),
        ({"ACME.io/Foo": None}, []),
        ({"": "x"}, ["s: Required value"]),
        ({"Foo": "x"}, ['s: Invalid value: "foo": must be a domain-prefixed key (such as "acme.io/foo")']),
        ({"/a": "x"}, ['s: Invalid value: "/a": prefix part must be non-empty']),
        ({"a/b": "x" * 256 * 1024}, ["s: Too long: may not be more than 262144 bytes"]),
    ],
)
def test_annotations_for_a_signer(annotations: Any, errors: list[str]) -> None:
    """Source: kubernetes 1.37.2 pkg/apis/core/validation, ValidateUserAnnotations."""
    found = Errors(FeatureGates(37))
    validate_user_annotations(found, annotations, ("s",))
    assert [error.text for error in found] == errors


def test_where_a_pod_has_annotations_for_a_signer(judge: Callable[..., list[str]]) -> None:
    certificate = {
        "signerName": "a.b/c",
        "keyType": "ED25519",
        "keyPath": "k",
        "certificateChainPath": "c",
        "userAnnotations": {"Foo": "x"},
    }
    volume = {"name": "v", "projected": {"sources": [{"podCertificate": certificate}]}}
    words = 'Invalid value: "foo": must be a domain-prefixed key (such as "acme.io/foo")'
    assert judge(spec={"volumes": [volume], "serviceAccountName": "a"}) == [
        f"spec.volumes[0].projected.sources[0].podCertificate.userAnnotations: {words}"
    ]
