"""At `/advise` nothing is ever denied: the verdict of the two other paths comes as a warning."""

from collections import Counter
from typing import Any

import pytest
from conformance.stories import recorded

from podproof import Cluster
from podproof.session.serve.cluster_source import Snapshot

from .conftest import LEVEL, review
from .in_process import FixedSource, Webhook

_NAMESPACES = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": level, "labels": {LEVEL: level}}}
    for level in ("privileged", "baseline", "restricted")
]
_CLUSTER = Cluster.from_objects(_NAMESPACES)
_SAYS = "would be denied by Podproof: "


def test_a_denial_becomes_the_first_warning_and_is_counted_as_what_it_was() -> None:
    webhook = Webhook(_CLUSTER)
    denied = webhook.send("/validate", [review("restricted")]).review
    advised = webhook.send("/advise", [review("restricted")]).review
    assert advised == {
        "uid": "u",
        "allowed": True,
        "warnings": [_SAYS + denied["status"]["message"]],
        "auditAnnotations": denied["auditAnnotations"],
    }
    line = webhook.lines[-1]
    assert (line["phase"], line["allowed"], line["code"]) == ("advising", False, 403)
    counted = 'decision="denied",operation="CREATE",phase="advising",resource="pods"} 1.0'
    assert counted in webhook.metrics.write().decode()


def test_what_is_allowed_gets_the_same_answer() -> None:
    webhook = Webhook(_CLUSTER)
    for body in (review("baseline"), review("privileged", hostPID=True)):
        assert webhook.send("/advise", [body]).review == webhook.send("/validate", [body]).review


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (FixedSource(Snapshot(None, "unknown", "no list has come yet")), "nothing is known of the cluster"),
        (Cluster.from_objects([]), 'namespaces "restricted" not found'),
        (object(), "the webhook failed while it looked at the request"),
    ],
    ids=["unknown", "no namespace", "fault"],
)
def test_what_could_not_be_decided_is_advice_too(source: Any, says: str) -> None:
    advised = Webhook(source).send("/advise", [review("restricted")]).review
    assert advised["allowed"] is True
    (warning,) = advised["warnings"]
    assert warning.startswith(_SAYS)
    assert says in warning


def test_a_contradiction_is_advice() -> None:
    request = {
        "operation": "CREATE",
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "namespace": "restricted",
        "name": "p",
        "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "other"}},
    }
    (warning,) = Webhook(_CLUSTER).ask("/advise", request).review["warnings"]
    assert warning.startswith(f"{_SAYS}the name of the object (other) does not match")


def test_a_policy_is_advised_about_with_what_it_fills_in() -> None:
    """Each recorded creation is warned of in the words with which the two phases would refuse it."""
    counted: Counter[bool] = Counter()
    for story in recorded("psp"):
        policies = [policy["object"] for policy in story["policies"] if policy["answer"]["code"] < 300]
        cluster = Cluster.from_objects([*policies, *story["objects"]], kubernetes_version="v1.24")
        webhook = Webhook(cluster)
        for step in story["steps"]:
            if step["op"] == "delete-policy":
                break
            if step["method"] != "POST" or not step["path"].partition("?")[0].endswith("/pods"):
                continue
            request = {
                "operation": "CREATE",
                "resource": {"group": "", "version": "v1", "resource": "pods"},
                "namespace": story["namespace"],
                "userInfo": {"username": step["user"], "groups": ["system:authenticated"]},
                "object": step["body"],
            }
            whole = cluster.admit(request, mutated=True)
            if whole.code == 422:
                continue
            response = webhook.ask("/advise", request).review
            assert response["allowed"] is True
            assert "patch" not in response
            said = [] if whole.allowed else [f"{_SAYS}{whole.message}"]
            assert response.get("warnings", []) == said
            bare = {key.rpartition("/")[2]: text for key, text in whole.audit_annotations.items()}
            assert response.get("auditAnnotations", {}) == bare
            counted[whole.allowed] += 1
    assert min(counted[True], counted[False]) > 20
