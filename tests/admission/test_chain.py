"""The plugins: their order, NamespaceLifecycle, ServiceAccount, and who is the first to refuse."""

from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.chain import CHAIN

from .requests import namespace, pod, request


def _account(name: str, namespace: str = "n") -> dict[str, Any]:
    return {"kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def test_the_order_is_the_servers() -> None:
    assert [(plugin.name, plugin.mutate is not None, plugin.validate is not None) for plugin in CHAIN] == [
        ("NamespaceLifecycle", True, False),
        ("ServiceAccount", True, False),
        ("PodSecurity", False, True),
        ("PodSecurityPolicy", True, True),
        ("PodSecurityPolicy.podproof.dev", True, True),
        ("NodeDeclaredFeatureValidator", False, True),
    ]


def test_the_first_to_refuse_is_named() -> None:
    objects = [namespace(enforce="restricted"), _account("robot")]
    bad = pod({}, serviceAccountName="nobody")
    cluster = Cluster.from_objects(objects)
    assert cluster.admit(request(bad, namespace="none", object=_moved(bad))).plugin == "NamespaceLifecycle"
    refused = cluster.admit(request(bad))
    assert (refused.plugin, refused.code) == ("ServiceAccount", 403)
    assert refused.message == (
        'pods "p" is forbidden: error looking up service account n/nobody: serviceaccount "nobody" not found'
    )
    assert cluster.admit(request(pod({}))).plugin == "PodSecurity"
    old = Cluster.from_objects(objects, kubernetes_version="v1.24")
    assert old.admit(request(pod())).plugin == "PodSecurityPolicy"
    assert cluster.admit(request(pod())).plugin == ""


def _moved(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "metadata": {**body["metadata"], "namespace": "none"}}


def test_what_cannot_be_decoded_is_refused_before_any_plugin() -> None:
    broken = {**pod(), "spec": {"containers": 7}}
    decision = Cluster.from_objects([]).admit(request(broken))
    assert (decision.code, decision.plugin) == (400, "")


@pytest.mark.parametrize(
    ("resource", "group", "body"),
    [
        ("pods", "", pod()),
        ("deployments", "apps", {"kind": "Deployment", "metadata": {"name": "d"}}),
        ("configmaps", "", {"kind": "ConfigMap", "metadata": {"name": "c"}}),
    ],
)
def test_nothing_is_made_in_a_namespace_that_does_not_exist(
    resource: str, group: str, body: dict[str, Any]
) -> None:
    cluster = Cluster.from_objects([namespace("other")])
    decision = cluster.admit(request(body, resource=resource, group=group))
    assert (decision.code, decision.reason) == (404, "NotFound")
    assert decision.message == 'namespaces "n" not found'
    assert cluster.admit(request(None, resource=resource, group=group, operation="DELETE")).allowed


def test_namespaces_themselves_and_what_has_none_need_no_namespace() -> None:
    cluster = Cluster.from_objects([])
    assert cluster.admit(request(namespace(), resource="namespaces")).allowed
    node = {"kind": "Node", "metadata": {"name": "x"}}
    assert cluster.admit(request(node, resource="nodes", namespace="")).allowed


_MASTERS = {"userInfo": {"username": "root", "groups": ["system:masters"]}}


@pytest.mark.parametrize(
    ("objects", "version", "exists"),
    [
        ([], "v1.24", True),
        ([], "v1.25", False),
        ([namespace("other")], "v1.24", False),
        ([{"kind": "Namespace", "metadata": {"name": "n", "labels": 7}}], "v1.24", False),
        ([7], "v1.24", False),
        ([namespace()], "v1.37", True),
    ],
)
def test_which_namespaces_exist(objects: list[Any], version: str, exists: bool) -> None:
    cluster = Cluster.from_objects(objects, kubernetes_version=version)
    assert (cluster.admit(request(pod())).code != 404) is exists


def test_an_incomplete_cluster_takes_nothing_to_exist() -> None:
    cluster = Cluster.from_objects([], kubernetes_version="v1.24", incomplete=True)
    assert cluster.admit(request(pod())).code == 404
    cluster = Cluster.from_objects([namespace()], incomplete=True)
    assert cluster.admit(request(pod(serviceAccountName="robot"))).plugin == "ServiceAccount"


def test_without_accounts_they_are_assumed() -> None:
    cluster = Cluster.from_objects([namespace()])
    decision = cluster.admit(request(pod(serviceAccountName="robot")))
    assert decision.allowed
    assert decision.assumed_accounts == ("n/robot",)
    assert cluster.admit(request(pod())).assumed_accounts == ()


def test_a_pod_that_names_no_account_gets_one() -> None:
    cluster = Cluster.from_objects([namespace(), _account("robot")])
    filled = cluster.admit(request(pod()))
    assert filled.object is not None
    assert filled.object["spec"]["serviceAccountName"] == "default"
    assert filled.patch == ({"op": "add", "path": "/spec/serviceAccountName", "value": "default"},)
    robot = cluster.admit(request(pod()), service_account="robot")
    assert robot.object is not None
    assert robot.object["spec"]["serviceAccountName"] == "robot"
    webhook = cluster.admit(request(pod()), mutated=True)
    assert webhook.object is not None
    assert "serviceAccountName" not in webhook.object["spec"]
    assert webhook.patch == ()


def test_subresources_and_updates_get_no_account() -> None:
    cluster = Cluster.from_objects([namespace(), _account("robot")])
    nobody = pod(serviceAccountName="nobody")
    assert cluster.admit(request(nobody, nobody)).allowed
    assert cluster.admit(request(nobody, subResource="status")).allowed
