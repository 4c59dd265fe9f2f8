"""What of an object counts as not judged, at each border: names, depths, lists, patterns and patches."""

from typing import Any

import pytest

from podproof.kube.unjudged import Unjudged, pattern_in, unjudged_in
from podproof.kube.workload import find_workload

MANIFEST = "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c, image: i}]}\n"
AS_TEXT = "a manifest stands in it as text"


def thing(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": spec}


def found(value: Any) -> Unjudged | None:
    return unjudged_in(value, find_workload(value))


def routes(value: Any) -> tuple[Any, ...]:
    unjudged = found(value)
    return () if unjudged is None else unjudged.routes


@pytest.mark.parametrize(
    "name",
    [
        "allowPrivilegeEscalation", "appArmorProfile", "hostIPC", "hostNetwork", "hostPath", "hostPID",
        "hostPort", "hostProcess", "privileged", "procMount", "seccompProfile", "seLinuxOptions", "sysctls",
        "securityContext", "podSecurityContext",
    ],
)  # fmt: skip
def test_each_name(name: str) -> None:
    assert found(thing(**{name: "x"})) == Unjudged(1, (("spec", name),), ())
    assert found(thing(**{f"{name}s2": "x"})) is None


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"capabilities": {"add": []}}, [("spec", "capabilities")]),
        ({"capabilities": {"drop": []}}, [("spec", "capabilities")]),
        ({"capabilities": {"other": 1}}, []),
        ({"capabilities": "add"}, []),
        ({"abilities": {"add": ["X"], "drop": ["Y"]}}, []),
        (
            {"a": [[{"hostPID": True}], {"hostIPC": 1}, {"x": {"privileged": 1}}], "b": {"hostPath": 1}},
            [
                ("spec", "a", 0, 0, "hostPID"),
                ("spec", "a", 1, "hostIPC"),
                ("spec", "a", 2, "x", "privileged"),
                ("spec", "b", "hostPath"),
            ],
        ),
        ({"map": {1: {"hostPID": True}}}, [("spec", "map", "1", "hostPID")]),
        ({"status": {"hostPID": True}}, [("spec", "status", "hostPID")]),
    ],
)
def test_where_settings_are_found(spec: dict[str, Any], expected: list[Any]) -> None:
    assert routes(thing(**spec)) == tuple(expected)


def test_what_a_controller_reports_is_no_setting() -> None:
    assert found({**thing(), "status": {"hostPID": True, "text": MANIFEST}}) is None


@pytest.mark.parametrize("kind", ["ConfigMap", "Thing"])
def test_manifests_in_lists_and_maps(kind: str) -> None:
    api_version = "v1" if kind == "ConfigMap" else "example.com/v1"
    data = {"a": [MANIFEST, "x", {"b": MANIFEST}, MANIFEST], 2: MANIFEST}
    value = {"apiVersion": api_version, "kind": kind, "data": data, "status": {"a": MANIFEST}}
    places = (("data", "a", 0), ("data", "a", 2, "b"), ("data", "a", 3), ("data", "2"))
    assert found(value) == Unjudged(4, places, (AS_TEXT,))


@pytest.mark.parametrize("text", ["kind containers", "apiVersion containers", "apiVersion kind"])
def test_a_manifest_has_all_three_words(text: str) -> None:
    assert found({"apiVersion": "v1", "kind": "Secret", "data": {"a": text}}) is None


@pytest.mark.parametrize("count", [20, 21])
def test_twenty_routes_are_named_and_all_are_counted(count: int) -> None:
    settings = found(thing(items=[{"hostPID": True}] * count))
    texts = found({"apiVersion": "v1", "kind": "Secret", "data": {str(i): MANIFEST for i in range(count)}})
    for unjudged in (settings, texts):
        assert unjudged is not None
        assert (unjudged.count, len(unjudged.routes)) == (count, 20)


@pytest.mark.parametrize(("levels", "counts"), [(39, False), (40, True)])
@pytest.mark.parametrize("inner", [{"a": "b"}, ["a"]])
def test_what_is_too_deep_counts_unseen(levels: int, counts: bool, inner: Any) -> None:
    value: Any = inner
    for _ in range(levels):
        value = {"x": value}
    unjudged = unjudged_in(thing(**value), None)
    assert (unjudged is not None) is counts
    if unjudged is not None:
        assert unjudged.routes == (("spec", *["x"] * 40),)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [{"hostPID": True}],
        {"kind": "Thing", "hostPID": True},
        {"apiVersion": "example.com/v1", "hostPID": True},
        {"apiVersion": 1, "kind": "Thing", "hostPID": True},
        {"apiVersion": "example.com/v1", "kind": 1, "hostPID": True},
        {"apiVersion": "v1", "kind": "Service", "spec": {"hostPID": True}},
        {"apiVersion": "v1", "kind": "Pod", "spec": {"hostPID": True, "text": MANIFEST}},
        {"containers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}}]},
        {"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", "spec": {"privileged": True}},
        {"apiVersion": "extensions/v1beta1", "kind": "PodSecurityPolicy", "spec": {"hostPID": True}},
    ],
)
def test_what_is_not_asked_about(value: Any) -> None:
    assert found(value) is None


def test_texts_that_a_controller_replaces() -> None:
    unjudged = unjudged_in(thing(), None, [("spec", "a")])
    words = "it is known only once the controller has replaced the text"
    assert unjudged == Unjudged(1, (("spec", "a"),), (words,))


def test_an_object_of_a_known_kind_inside_of_another() -> None:
    inner = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "spec": {"workloadRef": {"name": "d"}}}
    words = "its pods are those of a workload elsewhere"
    assert found(inner) == Unjudged(1, (("spec", "workloadRef"),), (words,))
    assert found(thing(made=inner)) == Unjudged(1, (("spec", "made", "spec", "workloadRef"),), (words,))
    assert found({**inner, "spec": {"workloadRef": {}}}) is None


def deployment(spec: Any, **rest: Any) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}, **rest}


A_PATCH = "a patch ($patch), not an object"


@pytest.mark.parametrize(
    "directive",
    ["$patch", "$retainKeys", "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers"],
)
def test_each_directive_of_a_patch(directive: str) -> None:
    for value in (
        deployment({directive: "x"}),
        deployment({"containers": [{"name": "c"}, {"name": "d", directive: "x"}]}),
    ):
        assert pattern_in(value, find_workload(value)) == A_PATCH


@pytest.mark.parametrize(
    "spec",
    [
        {"x$patch": "x", "containers": [{"name": "c"}]},
        {"$other": "x"},
        {"$patch": "delete", "containers": [{"name": "c", "image": "i"}]},
        {"$patch": "delete", "initContainers": ["x", {"name": "c", "image": "i"}], "containers": {}},
        {1: {"a": ["$patch"]}},
    ],
)
def test_objects_that_are_no_patch(spec: Any) -> None:
    value = deployment(spec)
    assert pattern_in(value, find_workload(value)) == ""


@pytest.mark.parametrize(
    "spec",
    [
        None,
        {"$patch": "delete", "containers": [{"image": ""}, "x"]},
        {"$patch": "delete", "ephemeralContainers": [{"image": "i"}]},
    ],
)
def test_a_patch_has_no_image_of_its_own(spec: Any) -> None:
    value = deployment(spec, metadata={"$patch": "merge"})
    assert pattern_in(value, find_workload(value)) == A_PATCH


def test_patches_without_a_workload() -> None:
    assert pattern_in({"$patch": "delete"}, None) == A_PATCH
    assert pattern_in({"a": {"$patch": "delete"}}, None) == ""
    assert pattern_in(["$patch"], None) == ""
    assert pattern_in("$patch", None) == ""
    fragment = {"containers": [{"name": "c", "$patch": "delete"}]}
    assert pattern_in(fragment, find_workload({"containers": [{"name": "c", "image": "i"}]})) == ""


@pytest.mark.parametrize(
    ("api_version", "kind", "is_pattern"),
    [
        ("kyverno.io/v1", "ClusterPolicy", True),
        ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", True),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", False),
        ("v1", "ConfigMap", False),
        (1, "ClusterPolicy", False),
        ("kyverno.io/v1", 1, False),
    ],
)
def test_kinds_that_hold_patterns(api_version: Any, kind: Any, is_pattern: bool) -> None:
    value = {"apiVersion": api_version, "kind": kind, "spec": {"hostPID": True}}
    assert bool(pattern_in(value, None)) is is_pattern
    assert not is_pattern or unjudged_in(value, None) is None
