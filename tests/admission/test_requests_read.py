"""What a request is about: read from its resource, its kind, and its objects."""

from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.request import RequestError, read_request
from podproof.kube.rbac import UserInfo

from .requests import namespace, pod, request


@pytest.mark.parametrize(
    ("raw", "about"),
    [
        (
            {"resource": {"group": "apps", "resource": "deployments"}},
            ("apps", "deployments", "Deployment", ""),
        ),
        ({"resource": {"resource": "pods"}}, ("", "pods", "Pod", "")),
        ({"resource": {"resource": "jobs"}, "kind": {"group": "batch"}}, ("batch", "jobs", "Job", "")),
        ({"resource": {"group": "", "resource": "jobs"}, "kind": {"group": "batch"}}, ("", "jobs", "", "")),
        ({"resource": {"resource": "pods/ephemeralcontainers"}}, ("", "pods", "Pod", "ephemeralcontainers")),
        ({"resource": {"resource": "pods"}, "subResource": "status"}, ("", "pods", "Pod", "status")),
        ({"kind": {"kind": "CronJob"}}, ("batch", "cronjobs", "CronJob", "")),
        ({"object": {"kind": "StatefulSet"}}, ("apps", "statefulsets", "StatefulSet", "")),
        ({"oldObject": {"kind": "Namespace"}}, ("", "namespaces", "Namespace", "")),
        ({"kind": {"kind": "Pod"}, "object": {"kind": "Job"}}, ("", "pods", "Pod", "")),
        ({"object": {"kind": "Pod"}, "oldObject": {"kind": "Job"}}, ("", "pods", "Pod", "")),
        (
            {"resource": {"group": "x", "resource": "podsecuritypolicies"}},
            ("x", "podsecuritypolicies", "PodSecurityPolicy", ""),
        ),
        (
            {"resource": {"group": "x", "resource": "others"}, "kind": {"kind": "Other"}},
            ("x", "others", "Other", ""),
        ),
    ],
)
def test_what_it_is_about(raw: dict[str, Any], about: tuple[str, ...]) -> None:
    found = read_request(raw)
    assert (found.group, found.resource, found.kind, found.sub_resource) == about


@pytest.mark.parametrize(
    ("kind", "group", "resource"),
    [
        ("Pod", "", "pods"),
        ("Namespace", "", "namespaces"),
        ("PodTemplate", "", "podtemplates"),
        ("ReplicationController", "", "replicationcontrollers"),
        ("ReplicaSet", "apps", "replicasets"),
        ("Deployment", "apps", "deployments"),
        ("StatefulSet", "apps", "statefulsets"),
        ("DaemonSet", "apps", "daemonsets"),
        ("Job", "batch", "jobs"),
        ("CronJob", "batch", "cronjobs"),
        ("PodSecurityPolicy", "policy", "podsecuritypolicies"),
    ],
)
def test_a_kind_and_its_resource_name_each_other(kind: str, group: str, resource: str) -> None:
    by_kind = read_request({"kind": {"kind": kind}})
    by_resource = read_request({"resource": {"group": group, "resource": resource}})
    for found in (by_kind, by_resource, read_request({"object": {"kind": kind}})):
        assert (found.kind, found.group, found.resource) == (kind, group, resource)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("Pod", "Pod pods"),
        ("Deployment", "Deployment.apps deployments.apps"),
        ("Job", "Job.batch jobs.batch"),
    ],
)
def test_names_with_their_groups(kind: str, words: str) -> None:
    found = read_request({"kind": {"kind": kind}})
    assert f"{found.qualified_kind} {found.group_resource}" == words


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ({"name": "a", "object": {"metadata": {"name": "b"}}}, "a"),
        ({"object": {"metadata": {"name": "b"}}}, "b"),
        ({"object": {"metadata": {"name": 7}}}, ""),
        ({"object": {"metadata": 7}}, ""),
        ({"object": {}}, ""),
        ({}, ""),
    ],
)
def test_the_name(raw: dict[str, Any], name: str) -> None:
    assert read_request({"kind": {"kind": "Pod"}, **raw}).name == name


def test_what_is_absent() -> None:
    found = read_request({"kind": {"kind": "Pod"}})
    assert (found.operation, found.namespace, found.object, found.old_object) == ("CREATE", "", None, None)
    assert (found.user.name, found.user.groups, found.dry_run) == ("", (), False)
    told = {"operation": "UPDATE", "namespace": "n", "dryRun": True, "userInfo": {"username": "ann"}}
    found = read_request({"kind": {"kind": "Pod"}, **told, "object": {"a": 1}, "oldObject": {"b": 2}})
    assert (found.operation, found.namespace, found.dry_run, found.user.name) == ("UPDATE", "n", True, "ann")
    assert (found.object, found.old_object) == ({"a": 1}, {"b": 2})


@pytest.mark.parametrize(
    ("raw", "user"),
    [
        ({}, UserInfo("")),
        ({"username": None, "groups": None}, UserInfo("")),
        ({"username": "ann", "groups": []}, UserInfo("ann")),
        ({"groups": ["dev", "ops"], "uid": "7", "extra": {"a": ["b"]}}, UserInfo("", ("dev", "ops"))),
    ],
)
def test_the_user(raw: dict[str, Any], user: UserInfo) -> None:
    found = read_request({"kind": {"kind": "Pod"}, "userInfo": raw}).user
    assert found == user
    assert hash(found) == hash(user), "a user is a value that may be the key of a mapping"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            {"kind": {"kind": "Other"}},
            "the request names no resource; write request.resource, e.g. resource: pods",
        ),
        (
            {"object": {"kind": 7}},
            "the request names no resource; write request.resource, e.g. resource: pods",
        ),
        ({"resource": []}, "request.resource must be a mapping, is a list"),
        ({"kind": {"kind": 7}}, "kind of the request must be a string, is a number"),
        (
            {"resource": {"resource": "pods"}, "dryRun": True, "name": 7},
            "name of the request must be a string, is a number",
        ),
        (
            {"kind": {"kind": "Pod"}, "userInfo": {"groups": ["a", 7]}},
            "userInfo.groups of the request must be a list of strings",
        ),
    ],
)
def test_what_cannot_be_read(raw: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_request(raw)
    assert str(caught.value) == message


CLUSTER = Cluster.from_objects([namespace(warn="restricted", audit="restricted")])


@pytest.mark.parametrize(
    ("resource", "group", "kind", "body"),
    [
        ("deployments", "apps", "Deployment", {"spec": {"template": None}}),
        ("podtemplates", "", "PodTemplate", {"template": None}),
        ("cronjobs", "batch", "CronJob", {"spec": {"jobTemplate": {"spec": {"template": None}}}}),
    ],
)
def test_an_empty_template_is_refused_as_invalid(
    resource: str, group: str, kind: str, body: dict[str, Any]
) -> None:
    api = f"{group}/v1" if group else "v1"
    object_ = {"apiVersion": api, "kind": kind, "metadata": {"name": "w", "namespace": "n"}, **body}
    decision = CLUSTER.admit(request(object_, resource=resource, group=group))
    assert (decision.allowed, decision.code) == (False, 422)


@pytest.mark.parametrize(("template", "warns"), [(True, True), (False, False)])
def test_a_replication_controller_may_lack_its_template(template: bool, warns: bool) -> None:
    spec: dict[str, Any] = {"replicas": 1, "selector": {"a": "b"}}
    if template:
        spec["template"] = {"metadata": {"labels": {"a": "b"}}, "spec": pod({})["spec"]}
    object_ = {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "metadata": {"name": "w", "namespace": "n"},
        "spec": spec,
    }
    decision = CLUSTER.admit(request(object_, resource="replicationcontrollers"))
    assert bool(decision.warnings) is warns


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"name": "web"}, 'Deployment.apps "web" is invalid: '),
        ({"generateName": "web-"}, 'Deployment.apps "web-'),
        ({}, 'Deployment.apps "" is invalid: '),
    ],
)
def test_the_name_of_an_invalid_workload(metadata: dict[str, str], words: str) -> None:
    object_ = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {}}
    decision = CLUSTER.admit(request(object_, resource="deployments", group="apps"))
    assert decision.code == 422
    assert (decision.message or "").startswith(words)


@pytest.mark.parametrize("operation", ["create", "PATCH", "Create ", "*"])
def test_an_operation_that_is_none(operation: str) -> None:
    with pytest.raises(RequestError, match="is unknown; write CREATE, UPDATE, DELETE, CONNECT"):
        read_request({"operation": operation, "resource": {"resource": "pods"}})


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE", "DELETE", "CONNECT"])
def test_the_operations(operation: str) -> None:
    asked = read_request({"operation": operation, "resource": {"resource": "pods"}})
    assert asked.operation == operation
