"""The ways of requests through the server: subresources, what has no object, and what no plugin sees."""

import copy
from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.attributes import Attributes
from podproof.admission.configuration import PodSecurityConfiguration
from podproof.admission.pod_security import (
    POD_SECURITY,
    judge_controller,
    judge_namespace,
    judge_pod,
    template_of,
)
from podproof.admission.request import AdmissionRequest, read_request
from podproof.admission.resources.policies import accept_policy
from podproof.admission.shaped_pod import ShapedPod
from podproof.kube.feature_gates import FeatureGates
from podproof.kube.pod import Pod

from .requests import PREFIX, namespace, pod, request
from .test_pod_security_policy import _cluster, _policy, _use

RESTRICTED = {f"{PREFIX}enforce": "restricted", f"{PREFIX}warn": "restricted"}
NOBODY, GATES = PodSecurityConfiguration(), FeatureGates(37)


def read(**rest: Any) -> AdmissionRequest:
    return read_request(request(pod({}), **rest))


def test_a_subresource_of_a_workload_is_not_judged() -> None:
    assert (
        judge_controller(read(subResource="scale"), None, RESTRICTED, NOBODY, GATES).audit_annotations == {}
    )
    cluster = Cluster.from_objects([namespace(enforce="restricted")])
    scale = {"kind": "Scale", "metadata": {"name": "w"}}
    asked = request(scale, scale, resource="deployments", group="apps", subResource="scale")
    decision = cluster.admit(asked)
    assert (decision.allowed, decision.warnings, decision.completed) == (True, (), None)
    assert cluster.admit({**asked, "namespace": "gone"}).code == 404


@pytest.mark.parametrize("sub_resource", ["status", "finalize"])
def test_a_subresource_of_a_namespace_is_not_judged(sub_resource: str) -> None:
    wrong = namespace(enforce="wrong")
    asked = request(wrong, namespace(), resource="namespaces", name="n", subResource=sub_resource)
    assert Cluster.from_objects([namespace()]).admit(asked).allowed
    labels = {f"{PREFIX}enforce": "wrong"}
    assert judge_namespace(read_request(asked), labels, {}, list, NOBODY, GATES).allowed


@pytest.mark.parametrize("sub_resource", ["exec", "status"])
def test_a_subresource_of_a_pod_needs_its_namespace(sub_resource: str) -> None:
    decision = Cluster.from_objects([]).admit(request(pod({}), subResource=sub_resource))
    assert (decision.code, decision.plugin) == (404, "NamespaceLifecycle")


@pytest.mark.parametrize(
    ("old", "rest", "allowed"),
    [
        ({}, {}, False),
        (None, {}, True),
        ({}, {"operation": "DELETE"}, True),
        ({}, {"operation": "CREATE"}, False),
    ],
)
def test_when_a_namespaces_labels_are_validated(old: Any, rest: dict[str, Any], allowed: bool) -> None:
    wrong = namespace(enforce="wrong")
    asked = read_request(request(wrong, namespace(), resource="namespaces", **rest))
    decision = judge_namespace(asked, wrong["metadata"]["labels"], old, list, NOBODY, GATES)
    assert decision.allowed is allowed


def test_a_namespaces_name_is_a_label() -> None:
    asked = request(namespace("A"), resource="namespaces", namespace="A", name="A")
    decision = Cluster.from_objects([]).admit(asked)
    assert decision.code == 422
    assert str(decision.message).startswith(
        'Namespace "A" is invalid: metadata.name: Invalid value: "A": a low'
    )


@pytest.mark.parametrize(
    ("new", "old", "message"),
    [
        (None, None, "failed to decode object"),
        (namespace(), {**namespace(), "metadata": 7}, "failed to decode  old namespace"),
        (
            {"kind": "Pod", "metadata": {"name": "n"}},
            None,
            "the object is a Pod, the review is about namespaces",
        ),
        ({"kind": "Other", "metadata": {"name": "n"}}, None, "failed to decode namespace"),
        (
            {**namespace(), "metadata": 7},
            None,
            'Namespace in version "v1" cannot be handled as a Namespace: json: cannot unmarshal number into '
            "Go struct field Namespace.metadata of type v1.ObjectMeta",
        ),
    ],
)
def test_a_namespace_that_cannot_be_read(new: Any, old: Any, message: str) -> None:
    asked = request(new, old, resource="namespaces", namespace="n", name="n")
    decision = Cluster.from_objects([]).admit(asked)
    assert (decision.code, decision.reason, decision.message) == (400, "BadRequest", message)


def test_an_updated_namespace_needs_the_one_before() -> None:
    asked = request(namespace(), resource="namespaces", name="n", operation="UPDATE")
    assert Cluster.from_objects([]).admit(asked).message == "failed to decode  old object"


@pytest.mark.parametrize("kind", [None, "", "Namespace"])
def test_a_namespace_may_leave_its_kind_out(kind: Any) -> None:
    new = {**namespace(), "kind": kind}
    decision = Cluster.from_objects([]).admit(request(new, resource="namespaces", name="n"))
    assert (decision.allowed, decision.completed) == (True, new)


@pytest.mark.parametrize(
    ("labels", "annotations"),
    [
        (RESTRICTED, {}),
        ({f"{PREFIX}enforce": "restricted", f"{PREFIX}warn": "privileged"}, {}),
        (None, {f"{PREFIX}error": 'failed to lookup namespace "n": namespace "n" not found'}),
    ],
)
def test_a_workload_without_a_template_is_not_judged(labels: Any, annotations: dict[str, str]) -> None:
    decision = judge_controller(read(), None, labels, NOBODY, GATES)
    assert (decision.allowed, decision.warnings) == (True, ())
    assert decision.audit_annotations == annotations


@pytest.mark.parametrize(
    ("kind", "object_", "template"),
    [
        ("PodTemplate", {"template": {"a": 1}}, {"a": 1}),
        ("PodTemplate", {}, {}),
        ("CronJob", {"spec": {"jobTemplate": {"spec": {"template": {"a": 1}}}}}, {"a": 1}),
        ("CronJob", {"spec": {"jobTemplate": {"spec": {}}}}, {}),
        ("CronJob", {"spec": {"jobTemplate": {}}}, {}),
        ("CronJob", {"spec": {}}, {}),
        ("CronJob", {}, {}),
        ("Deployment", {"spec": {"template": {"a": 1}}}, {"a": 1}),
        ("Deployment", {"spec": {}}, {}),
        ("Deployment", {}, {}),
        ("ReplicationController", {"spec": {"template": {"a": 1}}}, {"a": 1}),
        ("ReplicationController", {"spec": {"template": {}}}, {}),
        ("ReplicationController", {"spec": {}}, None),
        ("ReplicationController", {}, None),
    ],
)
def test_the_template(kind: str, object_: dict[str, Any], template: Any) -> None:
    assert template_of(kind, object_) == template


@pytest.mark.parametrize(
    ("version", "resource", "allowed"),
    [
        ("v1.22", "pods", True),
        ("v1.23", "pods", False),
        ("v1.37", "pods", False),
        ("v1.37", "configmaps", True),
    ],
)
def test_what_pod_security_judges_and_since_when(version: str, resource: str, allowed: bool) -> None:
    cluster = Cluster.from_objects([namespace(enforce="restricted")], kubernetes_version=version)
    attributes = Attributes(read(resource=resource)).with_objects(pod({}), None)
    assert POD_SECURITY.validate is not None
    assert POD_SECURITY.validate(cluster, attributes).allowed is allowed


def test_a_pod_whose_spec_is_none_gets_no_account() -> None:
    decision = Cluster.from_objects([namespace()]).admit(request({**pod(), "spec": 7}))
    assert (decision.code, decision.patch, decision.filled) == (400, (), ())
    decision = Cluster.from_objects([namespace()]).admit(request({"kind": "Pod", "metadata": {"name": "p"}}))
    assert decision.code == 422


@pytest.mark.parametrize("version", ["v1.24", "v1.37"])
@pytest.mark.parametrize("operation", ["CREATE", "UPDATE"])
def test_without_a_pod_there_is_nothing_to_judge(version: str, operation: str) -> None:
    cluster = _cluster(_policy("a"), *_use(), namespace(enforce="baseline"), version=version)
    decision = cluster.admit(request(None, operation=operation))
    assert (decision.code, decision.message) == (400, "failed to decode object")


@pytest.mark.parametrize(
    ("new", "old", "message"),
    [
        (None, None, "failed to decode object"),
        (None, Pod(), "failed to decode object"),
        (Pod(), None, "failed to decode old object"),
    ],
)
def test_what_pod_security_says_of_a_pod_that_is_not_there(new: Any, old: Any, message: str) -> None:
    asked = read(operation="UPDATE")
    pod = None if new is None else ShapedPod(lambda: new)
    decision = judge_pod(asked, pod, old, RESTRICTED, NOBODY, GATES)
    assert (decision.allowed, decision.code, decision.reason) == (False, 400, "BadRequest")
    assert (decision.message, decision.audit_annotations) == (message, {f"{PREFIX}error": message})
    assert judge_pod(asked, pod, old, {}, NOBODY, GATES).allowed  # privileged: nothing is decoded


@pytest.mark.parametrize(
    ("version", "labels", "message"),
    [
        ("v1.24", {}, "failed to decode old object"),
        ("v1.37", {}, None),
        ("v1.37", {"enforce": "baseline"}, "failed to decode old object"),
    ],
)
def test_an_update_needs_the_pod_before(version: str, labels: dict[str, str], message: str | None) -> None:
    cluster = _cluster(_policy("a"), *_use(), namespace(**labels), version=version)
    assert cluster.admit(request(pod({}), operation="UPDATE")).message == message


def test_what_the_garbage_collector_takes_is_no_change() -> None:
    held = {"apiVersion": "v1", "kind": "Node", "name": "x", "uid": "1"}
    old = pod({})
    old["metadata"] |= {"ownerReferences": [held], "finalizers": ["a/b"]}
    new = copy.deepcopy(old)
    del new["metadata"]["ownerReferences"]
    new["metadata"]["finalizers"] = []
    assert _cluster().admit(request(new, old)).allowed
    new["metadata"]["annotations"] = {"a": "b"}
    assert not _cluster().admit(request(new, old)).allowed


def test_a_new_pod_is_completed_by_its_own_labels_and_the_one_sent_stays() -> None:
    spread = {
        "maxSkew": 1,
        "topologyKey": "zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {},
        "matchLabelKeys": ["app"],
    }
    sent = pod(topologySpreadConstraints=[spread])
    sent["metadata"]["labels"] = {"app": "web"}
    before = copy.deepcopy(sent)
    cluster = Cluster.from_objects([namespace()])
    decision = cluster.admit(request(sent))
    assert decision.object is not None
    (made,) = decision.object["spec"]["topologySpreadConstraints"]
    assert made["labelSelector"]["matchExpressions"] == [{"key": "app", "operator": "In", "values": ["web"]}]
    assert sent == before


@pytest.mark.parametrize("kind", [None, "", "PodSecurityPolicy"])
@pytest.mark.parametrize("version", [None, "", "policy/v1beta1", "extensions/v1beta1"])
def test_a_policys_kind_and_version_may_be_left_out(kind: Any, version: Any) -> None:
    accepted = accept_policy({**_policy("a"), "kind": kind, "apiVersion": version}, 24)
    assert accepted.object is not None
    assert accepted.object["kind"] == "PodSecurityPolicy"
    assert accepted.object["apiVersion"] == (version or "policy/v1beta1")
    wrong = accept_policy({**_policy("a", fsGroup={}), "kind": kind, "apiVersion": version}, 24)
    group = (version or "policy/v1beta1").partition("/")[0]
    assert str(wrong.message).startswith(f'PodSecurityPolicy.{group} "a" is invalid: spec.fsGroup.rule: ')


@pytest.mark.parametrize(
    ("kind", "version", "message"),
    [
        ("Pod", "policy/v1beta1", 'no matches for kind "Pod" in version "policy/v1beta1"'),
        ("PodSecurityPolicy", "policy/v1", 'no matches for kind "PodSecurityPolicy" in version "policy/v1"'),
        ("PodSecurityPolicy", 7, 'no matches for kind "PodSecurityPolicy" in version "7"'),
        (7, "policy/v1beta1", 'no matches for kind "7" in version "policy/v1beta1"'),
    ],
)
def test_what_is_no_policy(kind: Any, version: Any, message: str) -> None:
    accepted = accept_policy({**_policy("a"), "kind": kind, "apiVersion": version}, 24)
    assert (accepted.accepted, accepted.code, accepted.message) == (False, 400, message)


@pytest.mark.parametrize(("minor", "warned"), [(20, False), (21, True), (24, True)])
def test_a_policy_is_deprecated_since_1_21(minor: int, warned: bool) -> None:
    assert bool(accept_policy(_policy("a"), minor).warnings) is warned
