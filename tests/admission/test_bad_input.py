"""Nothing is allowed because something could not be read."""

from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.cluster_object import unrolled

from .requests import namespace, pod, request

_CLUSTER = Cluster.from_objects([namespace(enforce="restricted")])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (request(None), "failed to decode object"),
        (
            {"operation": "CREATE"},
            "the request names no resource; write request.resource, e.g. resource: pods",
        ),
        ({**request(pod()), "object": []}, "request.object must be a mapping, is a list"),
        ({**request(pod()), "operation": 7}, "operation of the request must be a string, is a number"),
        ({**request(pod()), "userInfo": "ann"}, "request.userInfo must be a mapping, is a string"),
        (
            {**request(pod()), "userInfo": {"groups": "dev"}},
            "userInfo.groups of the request must be a list of strings",
        ),
        (
            request({"apiVersion": "apps/v1", "kind": "Deployment"}),
            "the object is a Deployment, the review is about pods",
        ),
        (
            request({"kind": "Pod", "spec": {"hostPID": "yes"}}),
            'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct '
            "field PodSpec.spec.hostPID of type bool",
        ),
        (
            request({"kind": "Namespace", "metadata": {"labels": []}}, resource="namespaces"),
            'Namespace in version "v1" cannot be handled as a Namespace: json: cannot unmarshal array into '
            "Go struct field ObjectMeta.metadata.labels of type map[string]string",
        ),
        (
            request({"kind": "Namespace", "metadata": {"name": 7}}, resource="namespaces"),
            'Namespace in version "v1" cannot be handled as a Namespace: json: cannot unmarshal number into '
            "Go struct field ObjectMeta.metadata.name of type string",
        ),
        (
            request({"kind": "Namespace", "metadata": 7}, resource="namespaces"),
            'Namespace in version "v1" cannot be handled as a Namespace: json: cannot unmarshal number into '
            "Go struct field Namespace.metadata of type v1.ObjectMeta",
        ),
        (
            request({"kind": "Pod", "metadata": {}}, resource="namespaces"),
            "the object is a Pod, the review is about namespaces",
        ),
        (request({"kind": "ConfigMap", "metadata": {}}, resource="namespaces"), "failed to decode namespace"),
        (request(None, resource="namespaces"), "failed to decode object"),
    ],
)
def test_unreadable_requests_are_refused(raw: dict[str, Any], message: str) -> None:
    decision = _CLUSTER.admit(raw)
    assert (decision.allowed, decision.code, decision.message) == (False, 400, message)


def test_an_update_without_the_old_pod_is_refused() -> None:
    decision = _CLUSTER.admit({**request(pod()), "operation": "UPDATE"})
    assert (decision.code, decision.message) == (400, "failed to decode old object")


@pytest.mark.parametrize(
    ("old", "message"),
    [
        (None, "failed to decode  old object"),
        ({"metadata": {"labels": 7}}, "failed to decode  old namespace"),
    ],
)
def test_an_update_without_the_old_namespace_is_refused(old: Any, message: str) -> None:
    """The two spaces are the server's."""
    asked = {**request(namespace(), old, resource="namespaces"), "operation": "UPDATE"}
    decision = _CLUSTER.admit(asked)
    assert (decision.code, decision.message) == (400, message)


def test_a_workload_without_an_object_is_allowed_and_audited() -> None:
    decision = _CLUSTER.admit(request(None, resource="deployments", group="apps"))
    assert decision.allowed
    assert decision.audit_annotations == {
        "pod-security.kubernetes.io/error": "failed to decode object: there is none"
    }


def test_objects_that_cannot_be_read_are_named_and_absent() -> None:
    cluster = Cluster.from_objects(
        [
            {"kind": "Namespace", "metadata": {"name": "n", "labels": {"a": 1}}},
            {"kind": "PodSecurityPolicy", "metadata": {"name": "p"}},
            7,  # type: ignore[list-item]  # what a broken file may hold
            {"kind": "ConfigMap"},
            {"kind": "Pod", "metadata": 7},
            {"kind": "Pod", "metadata": {"name": "q", "namespace": 7}},
            {"kind": "PodSecurityPolicy", "apiVersion": [], "metadata": {"name": "o"}},
        ]
    )
    assert cluster.problems == (
        "Namespace 'n' has labels that are not strings: it counts as absent",
        "PodSecurityPolicy 'p' does nothing: Kubernetes 1.37 has no PodSecurityPolicy",
        "an object must be a mapping, is a number",
        "a Pod has no name: it counts as absent",
        "Pod 'q' has a namespace that is not text: it counts as absent",
        "PodSecurityPolicy 'o' does nothing: Kubernetes 1.37 has no PodSecurityPolicy",
    )
    assert cluster.admit(request(pod())).code == 404


def test_a_malformed_policy_among_good_ones() -> None:
    any_ = {"rule": "RunAsAny"}
    good = {"seLinux": any_, "runAsUser": any_, "supplementalGroups": any_, "fsGroup": any_, "volumes": ["*"]}
    policies = [
        {
            "apiVersion": "policy/v1beta1",
            "kind": "PodSecurityPolicy",
            "metadata": {"name": name},
            "spec": spec,
        }
        for name, spec in (
            ("a-wrong", {**good, "fsGroup": {"rule": "x"}}),
            ("b-broken", {**good, "fsGroup": {"rule": "MustRunAs"}}),
            ("c-type", {**good, "privileged": "yes"}),
            ("d-good", good),
        )
    ]
    cluster = Cluster.from_objects(policies, kubernetes_version="v1.24")
    assert [problem.partition(":")[0] for problem in cluster.problems] == [
        "PodSecurityPolicy 'a-wrong' counts as absent",
        "PodSecurityPolicy 'b-broken' admits nothing",
        "PodSecurityPolicy 'c-type' counts as absent",
    ]
    masters = {"userInfo": {"username": "root", "groups": ["system:masters"]}}
    decision = cluster.admit({**request(pod({})), **masters})
    assert decision.allowed
    assert decision.audit_annotations["podsecuritypolicy.policy.k8s.io/admit-policy"] == "d-good"


def test_lists_are_unrolled() -> None:
    listed = {"kind": "List", "items": [namespace(enforce="baseline")]}
    typed = {"kind": "NamespaceList", "apiVersion": "v1", "items": [{"metadata": {"name": "m"}}]}
    assert set(Cluster.from_objects([listed, typed]).namespaces) == {"n", "m"}


@pytest.mark.parametrize(
    ("object_", "items"),
    [
        ({"kind": "List", "apiVersion": "v1", "items": [{"a": 1}, 7]}, [{"a": 1}, 7]),
        ({"kind": "List", "items": [{"kind": "List", "items": [{"a": 1}]}, {"b": 2}]}, [{"a": 1}, {"b": 2}]),
        ({"kind": "PodList", "apiVersion": "v1", "items": [{"a": 1}]},
         [{"kind": "Pod", "apiVersion": "v1", "a": 1}]),
        ({"kind": "RoleList", "apiVersion": "r/v1", "items": [{"apiVersion": "r/v2"}, None]},
         [{"kind": "Role", "apiVersion": "r/v2"}, None]),
        ({"kind": "RoleList", "items": [{"kind": "Other"}]}, [{"kind": "Other"}]),
        ({"kind": "RoleList", "items": ({},)}, [{"kind": "Role", "apiVersion": None}]),
        ({"kind": "RoleList", "items": []}, []),
        *(
            (plain, [plain])
            for plain in (
                {"kind": "List"}, {"kind": "List", "items": {}}, {"kind": "Other", "items": []},
                {"items": []}, {"kind": 7, "items": []}, 7, None, [],
            )
        ),
    ],
)  # fmt: skip
def test_what_a_list_stands_for(object_: Any, items: list[Any]) -> None:
    assert list(unrolled([object_])) == items
    assert list(unrolled([object_, object_])) == items + items


def test_a_request_that_is_no_json() -> None:
    cyclic: dict[str, Any] = request(pod())
    cyclic["object"]["spec"]["again"] = cyclic
    for asked in (cyclic, {**request(pod()), "object": object()}, {**request(pod()), 7: 8j}):
        decision = Cluster.from_objects([]).admit(asked)
        assert (decision.allowed, decision.code) == (False, 400)
        head, _, why = decision.message.partition(": ")
        assert head == "the request cannot be read"
        assert why[:1].isalnum() or why[:1] in "\"'<"
