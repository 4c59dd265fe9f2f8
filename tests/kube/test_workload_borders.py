"""What tells a list, a kind and a pod apart, and where the search for pods in a custom resource ends."""

from typing import Any

import pytest

from podproof.kube.custom_kind import CustomKind, PodSource
from podproof.kube.workload import (
    Fragment,
    Workload,
    find_workload,
    group_of,
    is_list,
    is_native,
    is_of_unknown_kind,
    nearest_kind,
    pod_template_route,
    route_of_kind,
)

SPEC = {"containers": [{"name": "web", "image": "nginx"}]}
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": SPEC}
ROLLOUT = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "spec": {"template": TEMPLATE}}


def thing(spec: Any, **rest: Any) -> dict[str, Any]:
    return {"apiVersion": "example.org/v1", "kind": "Thing", **rest, "spec": spec}


def workload(value: Any) -> Workload:
    found = find_workload(value)
    assert isinstance(found, Workload)
    return found


def routes(value: Any) -> list[Any]:
    found = find_workload(value)
    return [] if found is None else [template.route for template in found.templates]


@pytest.mark.parametrize(
    ("api_version", "group"),
    [("v1", ""), ("apps/v1", "apps"), ("a/b/c", "a"), ("/v1", ""), (None, ""), (7, ""), ("", "")],
)
def test_groups(api_version: object, group: str) -> None:
    assert group_of(api_version) == group
    assert is_native(api_version) is (group != "a")


@pytest.mark.parametrize(
    ("kind", "likeness", "meant"),
    [
        ("pod", 0.99, "Pod"),
        ("Deploymnet", 0.8, "Deployment"),
        ("Service", 0.8, None),
        ("Deploymnet", 0.99, None),
        ("CRONJOBS", 0.8, "CronJob"),
    ],
)
def test_misspelt_kinds(kind: str, likeness: float, meant: str | None) -> None:
    assert nearest_kind(kind, likeness=likeness) == meant


@pytest.mark.parametrize(
    ("value", "unknown"),
    [
        (thing({}), True),
        (ROLLOUT, False),
        ({"apiVersion": "v1", "kind": "Thing"}, False),
        ({"apiVersion": 7, "kind": "Thing"}, False),
        ({"apiVersion": "example.org/v1", "kind": 7}, False),
        ({"apiVersion": "example.org/v1", "kind": ["Thing"]}, False),
        ({"apiVersion": ["example.org/v1"], "kind": "Thing"}, False),
        ({"apiVersion": "argoproj.io/v1alpha1", "kind": "Thing"}, True),
        ({"kind": "Thing"}, False),
        ([], False),
        (None, False),
    ],
)
def test_kinds_that_nobody_knows(value: Any, unknown: bool) -> None:
    assert is_of_unknown_kind(value) is unknown


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"kind": "List", "items": []}, True),
        ({"kind": "List", "items": [], "more": 1}, True),
        ({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": []}, True),
        ({"kind": "PodList", "items": [], "spec": {}}, False),
        ({"kind": "PodList"}, False),
        ({"kind": "List", "items": {}}, False),
        ({"kind": "Lists", "items": []}, False),
        ({"kind": 7, "items": []}, False),
        ({"items": []}, False),
        (["List"], False),
    ],
)
def test_lists(value: Any, told: bool) -> None:
    assert is_list(value) is told


KINDS = {
    "v1": {"Pod", "PodTemplate", "ReplicationController"},
    "apps/v1": {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"},
    "extensions/v1beta1": {"Deployment", "ReplicaSet", "DaemonSet"},
    "batch/v1": {"Job", "CronJob", "ScheduledJob", "JobTemplate"},
}
"""What makes pods, by group. Source: k8s.io/api v0.37.2, and batch/v2alpha1 of Kubernetes 1.4 to 1.7."""


@pytest.mark.parametrize("api_version", [*KINDS, "policy/v1", "app/v1"])
def test_the_kinds_of_each_group(api_version: str) -> None:
    kinds = set().union(*KINDS.values())
    known = {kind for kind in kinds if pod_template_route(api_version, kind) is not None}
    assert known == KINDS.get(api_version, set())
    assert all(pod_template_route(api_version, kind) == route_of_kind(kind) for kind in known)


def test_routes_of_kinds() -> None:
    assert pod_template_route("v1", "Pod") == ()
    assert pod_template_route("batch/v1", "CronJob") == ("spec", "jobTemplate", "spec", "template")
    assert pod_template_route("apps/v1", "Pod") is None
    assert pod_template_route("v1", ["Pod"]) is None
    assert pod_template_route(None, "Pod") == ()
    assert route_of_kind("Pod") == ()
    assert route_of_kind("JobTemplate") == ("template", "spec", "template")
    assert route_of_kind("Thing") is None


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        ({"kind": "Pod", "spec": SPEC}, ("apiVersion",)),
        ({"apiVersion": None, "kind": "Pod", "spec": SPEC}, ("apiVersion",)),
        ({"spec": SPEC, "metadata": {}}, ("apiVersion", "kind")),
        ({"apiVersion": "v1", "spec": SPEC, "metadata": {}}, ("kind",)),
    ],
)
def test_what_an_object_lacks(value: Any, missing: tuple[str, ...]) -> None:
    found = find_workload(value)
    assert isinstance(found, Fragment)
    assert found.missing[: len(missing)] == missing


def test_a_misspelt_kind_without_a_group() -> None:
    found = workload({"kind": "pod", "spec": SPEC})
    assert (found.custom, [template.route for template in found.templates]) == (True, [("spec",)])
    assert find_workload({"kind": 7, "spec": SPEC}) is None


def test_a_native_kind_in_a_group_of_custom_resources_is_custom() -> None:
    value = {"apiVersion": "example.org/v1", "kind": "Deployment", "spec": {"template": TEMPLATE}}
    assert workload(value).custom
    assert not workload({**value, "apiVersion": "networking.k8s.io/v1"}).custom
    assert not workload({**value, "apiVersion": "app/v1"}).custom


def nested(levels: int, value: Any) -> dict[str, Any]:
    for _ in range(levels):
        value = {"x": value}
    return thing(value)


def test_how_deep_pods_are_found() -> None:
    assert workload(nested(39, SPEC)).limit is None
    assert routes(nested(39, SPEC)) == [("spec", *["x"] * 39)]
    found = workload(nested(40, SPEC))
    assert (found.templates, found.limit) == (
        (),
        ("it is nested deeper than 40 levels", ("spec", *["x"] * 40)),
    )


@pytest.mark.parametrize(
    ("held", "too_deep"),
    [(0, False), ("x", False), (None, False), ({}, False), ([], False), ({"y": 1}, True), ([1], True)],
)
def test_only_what_holds_more_can_be_too_deep(held: Any, too_deep: bool) -> None:
    for inside, step in (({"z": held}, "z"), ([held], 0)):
        limit = ("it is nested deeper than 40 levels", ("spec", *["x"] * 39, step))
        found = find_workload(nested(39, inside))
        assert (isinstance(found, Workload) and found.limit) == (limit if too_deep else False)


def test_only_the_first_place_that_is_too_deep_is_named() -> None:
    value: Any = [{"y": SPEC}, {"y": SPEC}]
    for _ in range(38):
        value = {"x": value}
    found = workload(thing(value))
    assert found.limit == ("it is nested deeper than 40 levels", ("spec", *["x"] * 38, 0, "y"))


@pytest.mark.parametrize("count", [1000, 1001, 1002])
def test_how_many_templates_are_found(count: int) -> None:
    found = workload(thing([TEMPLATE] * count))
    limit = None if count == 1000 else ("it has more than 1,000 pod templates", ("spec", 1000))
    assert (len(found.templates), found.limit) == (1000, limit)


def test_of_two_limits_the_number_is_named() -> None:
    deep: Any = SPEC
    for _ in range(41):
        deep = {"x": deep}
    found = workload(thing([deep, *[TEMPLATE] * 1001]))
    assert (len(found.templates), found.limit) == (
        1000,
        ("it has more than 1,000 pod templates", ("spec", 1001)),
    )


@pytest.mark.parametrize("api_version", ["kyverno.io/v1", "kyverno.io/v9"])
@pytest.mark.parametrize("kind", ["Policy", "ClusterPolicy"])
def test_a_pattern_makes_no_pods(api_version: str, kind: str) -> None:
    rule = {"name": "r", "validate": {"pattern": {"spec": SPEC}}}
    assert find_workload({"apiVersion": api_version, "kind": kind, "spec": {"rules": [rule]}}) is None


@pytest.mark.parametrize(
    ("containers", "told"),
    [
        ([{"name": "c"}], True),
        ([{"image": "i"}], True),
        ([{}, {"image": "i"}], True),
        ([{"command": ["x"]}], False),
        ([{"name": 7, "image": 7}], False),
        ([{"name": "c"}, "x"], False),
        (["x"], False),
        ([], False),
        ({"name": "c"}, False),
        (None, False),
    ],
)
def test_what_looks_like_a_pod(containers: Any, told: bool) -> None:
    assert routes(thing({"containers": containers})) == ([("spec",)] if told else [])
    assert routes(thing({"job": {"spec": {"containers": containers}}})) == ([("spec", "job")] if told else [])


def test_the_order_and_what_lies_beside_pods() -> None:
    value = thing(
        {
            "b": TEMPLATE,
            "a": [SPEC, {"template": TEMPLATE}, "x", [], SPEC],
            "both": {"spec": SPEC, "more": TEMPLATE, "metadata": "x"},
            7: TEMPLATE,
            "made": ROLLOUT,
            "empty": {},
        },
        status=TEMPLATE,
    )
    assert routes(value) == [
        ("spec", "b"),
        ("spec", "a", 0),
        ("spec", "a", 1, "template"),
        ("spec", "a", 4),
        ("spec", "both"),
        ("spec", "both", "more"),
        ("spec", "7"),
        ("spec", "made", "spec", "template"),
    ]


def test_what_is_read_of_a_shape() -> None:
    value = thing({"a": TEMPLATE, "b": SPEC, "c": {"spec": SPEC, "metadata": 7}})
    first, second, third = workload(value).templates
    assert first.read == (("spec", "a", "spec"), ("spec", "a", "metadata"))
    assert first.pod == {"apiVersion": "v1", "kind": "Pod", "metadata": TEMPLATE["metadata"], "spec": SPEC}
    assert second.read == (("spec", "b"),)
    assert second.source_route(("spec", "containers")) == ("spec", "b", "containers")
    assert third.read == (("spec", "c", "spec"),)
    assert third.pod == {"apiVersion": "v1", "kind": "Pod", "spec": SPEC}
    assert third.source_route(("metadata",)) == ("spec", "c", "metadata")
    assert third.source_route(("spec", "containers")) == ("spec", "c", "spec", "containers")


def test_a_template_has_the_kind_of_a_pod() -> None:
    template = {"kind": "Job", "apiVersion": "x", "metadata": {"name": "p"}, "spec": SPEC}
    (found,) = workload({"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": template}}).templates
    assert found.pod == {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": SPEC}


def test_what_definitions_say_of_a_kind() -> None:
    learned = {
        ("example.org/v1", "Thing"): CustomKind("example.org", ("Thing",), (PodSource(("spec", "p")),))
    }
    value = thing({"p": {"spec": {"containers": [{"command": ["x"]}]}}})
    assert find_workload(value) is None
    found = find_workload(value, learned)
    assert isinstance(found, Workload)
    assert [template.route for template in found.templates] == [("spec", "p")]
    assert find_workload({**value, "kind": "Other"}, learned) is None
