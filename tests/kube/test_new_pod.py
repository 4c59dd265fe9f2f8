"""What a server does to a new pod before it validates it: values of its own labels, resources of its own.

Source: kubernetes 1.37.2 pkg/registry/core/pod/strategy.go, pkg/api/pod/util.go; 1.34.4 core/v1/defaults.go.
"""

import json
from typing import Any

import pytest

from podproof import accept
from podproof.kube.feature_gates import FeatureGates
from podproof.kube.new_pod import complete_new_pod, completed_pod
from podproof.kube.review import review

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_LABELS = {"hash": "1", "tier": "web"}


def _in(key: str, *values: str, operator: str = "In") -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


def _completed(spec: dict[str, Any], minor: int) -> dict[str, Any]:
    pod = {"metadata": {"name": "p", "labels": _LABELS}, "spec": json.loads(json.dumps(spec))}
    complete_new_pod(pod, FeatureGates(minor))
    return pod["spec"]


_TERM = {"labelSelector": {"matchExpressions": [_in("a", "b")]}, "topologyKey": "zone"}


@pytest.mark.parametrize("kind", ["podAffinity", "podAntiAffinity"])
@pytest.mark.parametrize("minor", [30, 31])
def test_labels_that_a_term_names_go_into_its_selector(kind: str, minor: int) -> None:
    term = {**_TERM, "matchLabelKeys": ["hash", "other"], "mismatchLabelKeys": ["tier"]}
    spec = {"affinity": {kind: {_REQUIRED: [term], _PREFERRED: [{"weight": 1, "podAffinityTerm": term}]}}}
    affinity = _completed(spec, minor)["affinity"][kind]
    added = [_in("hash", "1"), _in("tier", "web", operator="NotIn")] if minor >= 31 else []
    selector = {"matchExpressions": [_in("a", "b"), *added]}
    assert affinity[_REQUIRED][0]["labelSelector"] == selector
    assert affinity[_PREFERRED][0]["podAffinityTerm"]["labelSelector"] == selector


@pytest.mark.parametrize("minor", [33, 34])
def test_labels_that_a_constraint_names_go_into_its_selector(minor: int) -> None:
    spec = {"topologySpreadConstraints": [{"labelSelector": {}, "matchLabelKeys": ["hash"]}]}
    (constraint,) = _completed(spec, minor)["topologySpreadConstraints"]
    assert constraint["labelSelector"] == ({"matchExpressions": [_in("hash", "1")]} if minor >= 34 else {})


def test_without_a_selector_nothing_is_added() -> None:
    spec = {"topologySpreadConstraints": [{"matchLabelKeys": ["hash"]}]}
    assert _completed(spec, 37) == spec


def test_a_key_that_is_in_the_selector_as_well_is_refused() -> None:
    constraint = {
        "maxSkew": 1,
        "topologyKey": "zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"hash": "1"}},
        "matchLabelKeys": ["hash"],
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "labels": _LABELS},
        "spec": {"containers": [{"name": "c", "image": "i:1"}], "topologySpreadConstraints": [constraint]},
    }
    said = (
        'spec.topologySpreadConstraints[0][0]: Invalid value: "hash": '
        "exists in both matchLabelKeys and labelSelector"
    )
    assert accept(pod).message == f'Pod "p" is invalid: {said}'
    assert [error.text for error in review(pod, version=37).errors] == [said]
    # before, the keys stayed beside the selector, and the message names the key's own place
    before = accept(pod, kubernetes_version="v1.33").message
    assert before == f'Pod "p" is invalid: {said.replace("[0][0]", "[0].matchLabelKeys[0]")}'


def _container(limits: dict[str, str], requests: dict[str, str]) -> dict[str, Any]:
    return {"name": "c", "image": "i:1", "resources": {"limits": limits, "requests": requests}}


@pytest.mark.parametrize(
    ("resources", "containers", "minor", "completed"),
    [
        # nothing of its own: nothing is filled in
        ({}, [_container({}, {"cpu": "1"})], 37, {}),
        # requests come from the containers, else from the limits
        (
            {"limits": {"cpu": "4", "memory": "1Gi"}},
            [_container({}, {"cpu": "1"}), _container({}, {"cpu": "500m"})],
            36,
            {"limits": {"cpu": "4", "memory": "1Gi"}, "requests": {"cpu": "1500m", "memory": "1Gi"}},
        ),
        ({"limits": {"cpu": "4"}}, [_container({}, {"cpu": "1"})], 33, {"limits": {"cpu": "4"}}),
        # before 1.37 the pod's own limits are what it takes, and limits are not filled in
        ({"requests": {"cpu": "1"}}, [_container({"memory": "1Gi"}, {"memory": "1Gi"})], 36, None),
        (
            {"requests": {"cpu": "1"}},
            [_container({"cpu": "2", "memory": "1Gi"}, {"memory": "1Gi"})],
            37,
            {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "1Gi"}},
        ),
        # a limit that one container lacks is none of the pod's; it is never less than the request
        (
            {"requests": {"cpu": "3"}},
            [_container({"cpu": "1", "memory": "1Gi"}, {}), _container({"cpu": "1"}, {})],
            37,
            {"requests": {"cpu": "3"}, "limits": {"cpu": "3"}},
        ),
        # huge pages are limited first, and requested as they are limited
        (
            {"limits": {"cpu": "1"}},
            [_container({"hugepages-2Mi": "4Mi"}, {"hugepages-2Mi": "4Mi"})],
            34,
            {
                "limits": {"cpu": "1", "hugepages-2Mi": "4Mi"},
                "requests": {"cpu": "1", "hugepages-2Mi": "4Mi"},
            },
        ),
        ({"requests": {"cpu": "1"}}, [], 37, None),
        # of what is neither cpu, memory nor huge pages a pod has nothing of its own
        (
            {"limits": {"cpu": "2"}},
            [_container({"a.b/gpu": "1"}, {"cpu": "1", "a.b/gpu": "1", "ephemeral-storage": "1Gi"})],
            36,
            {"limits": {"cpu": "2"}, "requests": {"cpu": "1"}},
        ),
        (
            {"requests": {"cpu": "1"}},
            [_container({"a.b/gpu": "1"}, {"a.b/gpu": "1", "ephemeral-storage": "1Gi"})],
            37,
            {"requests": {"cpu": "1"}},
        ),
        (
            {"limits": {"cpu": "1", "a.b/gpu": "1"}},
            [_container({}, {})],
            36,
            {"limits": {"cpu": "1", "a.b/gpu": "1"}, "requests": {"cpu": "1"}},
        ),
    ],
)
def test_resources_of_the_pod(
    resources: dict[str, Any], containers: list[dict[str, Any]], minor: int, completed: dict[str, Any] | None
) -> None:
    spec = {"resources": resources, "containers": containers}
    expected = resources if completed is None else completed
    assert _completed(spec, minor)["resources"] == expected


def test_most_pods_are_complete() -> None:
    for pod in ({"spec": {"containers": [{}], "affinity": {}}}, {}):
        assert completed_pod(pod, FeatureGates(37)) is pod


def test_what_is_completed_is_a_copy() -> None:
    term = {**_TERM, "matchLabelKeys": ["hash"]}
    spec = {"affinity": {"podAffinity": {_REQUIRED: [term]}}, "containers": [{}]}
    pod = {"metadata": {"labels": _LABELS}, "spec": spec}
    before = json.dumps(pod)
    completed = completed_pod(pod, FeatureGates(37))
    assert json.dumps(pod) == before
    assert completed["spec"] == _completed(spec, 37)
    assert completed["spec"] != spec
