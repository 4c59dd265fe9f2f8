"""Which objects make a cluster: lists are unrolled, and what cannot be read is told and counts as absent."""

from typing import Any

import pytest

from podproof import Cluster

from .requests import namespace, pod, request

LABELLED = namespace(enforce="restricted")


def enforces(*objects: Any) -> bool:
    """Say whether these objects make a cluster whose namespace `n` has labels that forbid a plain pod."""
    decision = Cluster.from_objects(objects).admit(request(pod({})))
    return 'violates PodSecurity "restricted:latest"' in (decision.message or "")


@pytest.mark.parametrize(
    ("objects", "found"),
    [
        ([LABELLED], True),
        ([{"kind": "List", "items": [LABELLED]}], True),
        ([{"kind": "List", "items": [{"kind": "List", "items": (LABELLED,)}]}], True),
        ([{"kind": "NamespaceList", "items": [{"metadata": LABELLED["metadata"]}]}], True),
        ([{"kind": "NamespaceList", "apiVersion": "v1", "items": [LABELLED]}], True),
        ([{"kind": "List", "items": [{"metadata": LABELLED["metadata"]}]}], False),
        ([{"kind": "Other", "items": [LABELLED]}], False),
        ([{"items": [LABELLED]}], False),
        ([{"kind": 7, "items": [LABELLED]}], False),
        ([{"kind": "List", "items": {"a": LABELLED}}], False),
        ([{"kind": "List", "items": None}], False),
    ],
)
def test_lists(objects: list[Any], found: bool) -> None:
    assert enforces(*objects) is found


@pytest.mark.parametrize(
    ("object_", "problem"),
    [
        (7, "an object must be a mapping, is a number"),
        ({"kind": "List", "items": [[]]}, "an object must be a mapping, is a list"),
        ({"kind": "Namespace"}, "a Namespace has no name: it counts as absent"),
        ({"kind": "Namespace", "metadata": 7}, "a Namespace has no name: it counts as absent"),
        ({"kind": "Namespace", "metadata": {"name": 7}}, "a Namespace has no name: it counts as absent"),
        (
            {"kind": "Namespace", "metadata": {"name": "n", "labels": "x"}},
            "Namespace 'n' has labels that are not strings: it counts as absent",
        ),
        ({"kind": "Pod", "metadata": {}}, "a Pod has no name: it counts as absent"),
        ({"kind": "Pod", "metadata": {"name": ""}}, "a Pod has no name: it counts as absent"),
        (
            {"kind": "Pod", "metadata": {"name": "p", "namespace": 7}},
            "Pod 'p' has a namespace that is not text: it counts as absent",
        ),
    ],
)
def test_what_is_lost(object_: Any, problem: str) -> None:
    assert Cluster.from_objects([object_]).problems == (problem,)


@pytest.mark.parametrize("labels", [None, {}, {"a": None}])
def test_a_namespace_without_labels_is_one(labels: Any) -> None:
    cluster = Cluster.from_objects([{"kind": "Namespace", "metadata": {"name": "n", "labels": labels}}])
    assert cluster.problems == ()
    assert cluster.admit(request(pod({}))).allowed


@pytest.mark.parametrize(
    ("version", "spec", "problems"),
    [
        (
            "v1.24",
            {"runAsUser": {"rule": "MustRunAs"}},
            ("PodSecurityPolicy 'a' admits nothing: MustRunAs requires at least one range",),
        ),
        ("v1.25", {}, ("PodSecurityPolicy 'a' does nothing: Kubernetes 1.25 has no PodSecurityPolicy",)),
        ("v1.24", {}, ()),
    ],
)
def test_policies_that_do_nothing(version: str, spec: dict[str, Any], problems: tuple[str, ...]) -> None:
    from .test_pod_security_policy import _policy

    assert Cluster.from_objects([_policy("a", **spec)], kubernetes_version=version).problems == problems


def test_a_policy_without_a_name_counts_as_absent() -> None:
    found = Cluster.from_objects(
        [{"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", "spec": {}}],
        kubernetes_version="v1.24",
    )
    (problem,) = found.problems
    assert problem == "a PodSecurityPolicy has no name: it counts as absent"


def test_a_policy_that_cannot_be_read_counts_as_absent() -> None:
    from .test_pod_security_policy import _policy

    found = Cluster.from_objects([_policy("a", volumes=7)], kubernetes_version="v1.24")
    (problem,) = found.problems
    assert problem.startswith("PodSecurityPolicy 'a' counts as absent: PodSecurityPolicy in version")


def test_objects_without_a_name_replace_nothing() -> None:
    assert len(Cluster.from_objects([7, 7, "x", None]).problems) == 4
    unnamed = {"apiVersion": "v1", "kind": "Namespace", "metadata": {}}
    assert len(Cluster.from_objects([unnamed, unnamed]).problems) == 2
