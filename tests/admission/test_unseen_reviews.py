"""Reviews answered without a look at the pod: only where nothing depends on it, as the exact way does."""

import json
import re
from typing import Any
from unittest import mock

import pytest

from podproof import Cluster
from podproof.admission import phases
from podproof.admission.consistency import read_consistent
from podproof.admission.known_reviews import DecidedReview, KnownReviews
from podproof.admission.request import RequestError
from podproof.admission.review import REVIEW_VERSIONS, ReviewError, decide, read_body

_LEVEL = "pod-security.kubernetes.io/enforce"


def _namespace(name: str, **labels: str) -> dict[str, Any]:
    written = {_LEVEL.replace("enforce", mode.replace("_", "-")): level for mode, level in labels.items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": written}}


NAMESPACES = [
    _namespace("bare"),
    _namespace("privileged", enforce="privileged"),
    _namespace("warned", enforce="privileged", warn="baseline"),
    _namespace("audited", audit="restricted"),
    _namespace("misspelt", enforce="privilegd"),
    _namespace("old", enforce="privileged", enforce_version="v1.20"),
    _namespace("restricted", enforce="restricted"),
    _namespace("exempt", enforce="restricted"),
]
UNSEEN = {"bare", "privileged", "old", "exempt"}
CONFIGURATION = {
    "apiVersion": "pod-security.admission.config.k8s.io/v1",
    "kind": "PodSecurityConfiguration",
    "exemptions": {"namespaces": ["exempt"], "usernames": ["root"]},
}
CLUSTER = Cluster.from_objects([*NAMESPACES, CONFIGURATION])
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p"},
    "spec": {"hostPID": True, "containers": [{"name": "c", "image": "i"}]},
}


def _body(namespace: str, object_: Any = POD, **members: Any) -> bytes:
    request = {
        "uid": "u",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "name": "p",
        "namespace": namespace,
        "operation": "CREATE",
        "userInfo": {"username": "ann", "groups": ["all"]},
        "object": object_,
        "oldObject": None,
        "dryRun": False,
        "options": None,
        **members,
    }
    review = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}
    return json.dumps(review, separators=(",", ":")).encode()


def _decide(body: bytes, cluster: Cluster) -> DecidedReview | None:
    """Decide about a pod of which nothing is known; None: it has to be looked at, or the review is odd."""
    try:
        found = KnownReviews(REVIEW_VERSIONS).answer(body, cluster)
    except ReviewError:
        return None
    return found if isinstance(found, DecidedReview) else None


def _same_as_exact(body: bytes, cluster: Cluster) -> bool:
    """See that what is decided unseen is what the exact way decides; whether anything is."""
    found = _decide(body, cluster)
    if found is None:
        return False
    exact = read_body(body)
    assert (found.uid, found.known.version) == (exact.uid, exact.version)
    request, asked = read_consistent(exact.request), found.known.request
    assert found.name == request.name
    for member in ("operation", "group", "resource", "kind", "sub_resource", "namespace", "dry_run"):
        assert getattr(asked, member) == getattr(request, member)
    assert asked.user.name == request.user.name
    with mock.patch.object(phases, "answer_unseen", return_value=None):
        assert found.decision == decide(request, cluster, phase="validating")
    assert found.decision.allowed
    return True


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE", "DELETE", "CONNECT"])
@pytest.mark.parametrize("sub_resource", ["", "ephemeralcontainers", "resize", "status", "binding"])
def test_only_where_every_pod_is_allowed(operation: str, sub_resource: str) -> None:
    for namespace in (*(one["metadata"]["name"] for one in NAMESPACES), "missing", ""):
        body = _body(namespace, operation=operation, subResource=sub_resource, oldObject=POD)
        about_pods = operation in ("CREATE", "UPDATE") and sub_resource not in ("status", "binding")
        assert _same_as_exact(body, CLUSTER) == (about_pods and namespace in UNSEEN)


def test_a_user_who_is_exempt_is_seen_where_not_everybody_is() -> None:
    assert _same_as_exact(_body("privileged", userInfo={"username": "root"}), CLUSTER)
    assert not _same_as_exact(_body("restricted", userInfo={"username": "root"}), CLUSTER)


@pytest.mark.parametrize("version", ["1.21", "1.22", "1.24"])
def test_never_where_policies_are_in_force(version: str) -> None:
    cluster = Cluster.from_objects(NAMESPACES, kubernetes_version=version)
    assert not _same_as_exact(_body("privileged"), cluster)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": {"kind": "Deployment"}},
        {"resource": {"group": "apps", "resource": "pods"}},
        {"resource": {"group": "", "resource": "services"}},
        {"uid": ""},
        {"object": None},
        {"object": []},
        {"operation": 5},
        {"userInfo": 1},
        {"more": 1},
    ],
)
def test_what_is_not_plainly_about_a_pod_is_for_the_other_ways(change: dict[str, Any]) -> None:
    named = {"object_" if key == "object" else key: value for key, value in change.items()}
    body = _body("privileged", **named)
    assert not _same_as_exact(body, CLUSTER)


def test_a_key_that_stands_twice_around_the_pod_is_for_the_exact_way() -> None:
    body = _body("privileged")
    assert _same_as_exact(body, CLUSTER)
    twice = body.replace(b'"namespace":"privileged"', b'"namespace":"privileged","namespace":"privileged"')
    assert twice != body
    assert not _same_as_exact(twice, CLUSTER)
    assert not _same_as_exact(body.replace(b'"uid":', b'"uid":"v","uid":'), CLUSTER)


def test_the_request_says_which_namespace_it_is_and_nothing_else() -> None:
    misleading = _body("restricted", kind={"namespace": "privileged", "kind": "Pod"})
    assert not _same_as_exact(misleading, CLUSTER)
    named_first = _body("restricted").replace(
        b'"request":{', b'"more":{"namespace":"privileged"},"request":{'
    )
    assert not _same_as_exact(named_first, CLUSTER)
    inside = _body("restricted", {**POD, "metadata": {"namespace": "privileged"}})
    assert not _same_as_exact(inside, CLUSTER)


def test_what_the_pod_holds_counts_for_nothing_in_either_way() -> None:
    wrong = _body("privileged", {**POD, "spec": {"hostPID": "no", "containers": 5}})
    found = _decide(wrong, CLUSTER)
    assert found is not None
    assert found.decision == decide(read_consistent(read_body(wrong).request), CLUSTER, phase="validating")
    assert found.decision.allowed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"metadata": {"namespace": "restricted"}}, "the namespace of the provided object does not match"),
        ({"metadata": {"name": "q"}}, "the name of the object (q) does not match"),
        ({"kind": "Deployment"}, "the object is a Deployment"),
    ],
)
def test_a_request_that_contradicts_its_pod_is_refused(change: dict[str, Any], said: str) -> None:
    body = _body("privileged", {**POD, **change})
    assert not _same_as_exact(body, CLUSTER)
    with pytest.raises(RequestError, match=re.escape(said)):
        read_consistent(read_body(body).request)


def test_a_name_that_the_pod_alone_states_is_told() -> None:
    assert _same_as_exact(_body("privileged", name=""), CLUSTER)
    assert _same_as_exact(_body("privileged", {"kind": "Pod"}, name=""), CLUSTER)


@pytest.mark.parametrize("old", [5, "x", []])
def test_an_old_object_that_is_no_mapping_is_for_the_exact_way(old: Any) -> None:
    assert not _same_as_exact(_body("privileged", operation="UPDATE", oldObject=old), CLUSTER)


@pytest.mark.parametrize(
    ("version", "sub_resource", "unseen"),
    [
        ("1.37", "", False),
        ("1.37", "resize", False),
        ("1.37", "ephemeralcontainers", True),
        ("1.35", "", True),
    ],
)
def test_an_update_that_its_node_may_not_follow_is_looked_at(
    version: str, sub_resource: str, unseen: bool
) -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}
    cluster = Cluster.from_objects([*NAMESPACES, node], kubernetes_version=version)
    old = {**POD, "spec": {**POD["spec"], "nodeName": "n"}}
    resources = {"limits": {"cpu": "2"}, "requests": {"cpu": "2"}}
    new = {**old, "spec": {**old["spec"], "resources": resources}}
    body = _body("privileged", new, operation="UPDATE", subResource=sub_resource, oldObject=old)
    assert _same_as_exact(body, cluster) == unseen
    if not unseen:
        exact = decide(read_consistent(read_body(body).request), cluster, phase="validating")
        assert exact.message.endswith('which are not available on node "n"')


@pytest.mark.parametrize("cut", [10, 200, 400])
def test_what_is_no_json_is_for_the_exact_way(cut: int) -> None:
    assert not _same_as_exact(_body("privileged")[:cut], CLUSTER)
