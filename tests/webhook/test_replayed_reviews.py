"""The webhook answers what a real server's plugins answered: the recorded stories, review by review.

What the server refuses or warns of by its own validation never reaches a webhook, or is not for it to say:
those steps are compared in what the plugins say, and counted.
"""

import base64
import json
from collections import Counter
from typing import Any

import pytest
from conformance.stories import Story, merge, recorded, resource_of, texts
from json_patches import patched

from podproof import Cluster

from .in_process import Webhook

tally: Counter[str] = Counter()
_ABOUT_FIELDS = ("spec.", "metadata.")
"""How warnings begin that the server's own validation gives."""


def _compare(response: dict[str, Any], answer: dict[str, Any], where: str, *, by_plugin: bool) -> None:
    tally["reviews"] += 1
    if answer["code"] == 422 and not by_plugin:
        tally["refused by the server's validation"] += 1
        return
    assert response["allowed"] == (answer["code"] < 300), where
    status = response.get("status", {})
    assert status.get("message") == (answer["message"] if answer["code"] >= 300 else None), where
    assert status.get("code") == (answer["code"] if answer["code"] >= 300 else None), where
    warnings = [text for text in texts(answer["warnings"]) if not text.startswith(_ABOUT_FIELDS)]
    assert response.get("warnings", []) == warnings, where
    tally["warnings"] += len(warnings)
    assert response.get("auditAnnotations", {}) == _bare(answer["audit"]), where


def _bare(annotations: dict[str, str]) -> dict[str, str]:
    """Take the plugins' prefixes away: the server writes the webhook's name in their place."""
    return {key.rpartition("/")[2]: text for key, text in annotations.items()}


@pytest.mark.parametrize("story", recorded("admission"), ids=lambda story: str(story["id"]))
def test_pod_security(story: dict[str, Any]) -> None:
    played = Story(story)
    labels = {} if any(step["op"] == "label" for step in story["steps"]) else story["labels"]
    created = Webhook(played.cluster()).ask("/validate", played.namespace_request(labels))
    _compare(created.review, story["namespace_answer"], "namespace", by_plugin=True)
    if not played.create_namespace(labels).allowed:
        played.create_namespace({})
    for index, step in enumerate(story["steps"]):
        webhook = Webhook(played.cluster())
        request = played.request_of(step)
        unchanged = webhook.ask("/mutate", request).review
        assert unchanged == {"uid": "u", "allowed": True}
        response = webhook.ask("/validate", request).review
        where = f"step {index}, {step['op']}"
        decision = played.play(step)
        by_plugin = decision.plugin != "" or request["resource"]["resource"] == "namespaces"
        _compare(response, step["answer"], where, by_plugin=by_plugin)


@pytest.mark.parametrize("story", recorded("psp"), ids=lambda story: str(story["id"]))
def test_pod_security_policy(story: dict[str, Any]) -> None:
    """A pod is created through both webhooks as the plugin's two phases do it."""
    policies = {p["object"]["metadata"]["name"]: p for p in story["policies"] if p["answer"]["code"] < 300}
    pods: dict[str, Any] = {}
    for index, step in enumerate(story["steps"]):
        where = f"step {index}, {step['op']}"
        if step["op"] == "delete-policy":
            del policies[step["name"]]
            continue
        objects = [policy["object"] for policy in policies.values()]
        cluster = Cluster.from_objects([*objects, *story["objects"]], kubernetes_version="v1.24")
        webhook = Webhook(cluster)
        _, resource, name, sub_resource = resource_of(step["path"])
        body, old = step["body"], None
        if step["method"] == "PATCH":
            old = pods[name]
            body = merge(old, body, strategic="strategic" in step["content_type"])
        request = {
            "operation": "CREATE" if old is None else "UPDATE",
            "resource": {"group": "", "version": "v1", "resource": resource},
            "subResource": sub_resource,
            "namespace": story["namespace"],
            "userInfo": {"username": step["user"], "groups": ["system:authenticated"]},
            "object": body,
            "oldObject": old,
        }
        whole = cluster.admit(request, mutated=True)
        first = webhook.ask("/mutate", request).review
        last = first
        if first["allowed"]:
            request["object"] = patched(json.loads(json.dumps(body)), _patch(first))
            again = webhook.ask("/mutate", request).review
            assert patched(json.loads(json.dumps(request["object"])), _patch(again)) == request["object"]
            last = webhook.ask("/validate", request).review
            assert "patch" not in last
        tally["policy reviews"] += 1
        if whole.code == 422:
            tally["refused by the server's validation"] += 1
            continue
        assert last["allowed"] == whole.allowed == (step["answer"]["code"] < 300), where
        assert last.get("status", {}).get("message") == whole.message, where
        audit = first.get("auditAnnotations", {}) | last.get("auditAnnotations", {})
        assert audit == _bare(whole.audit_annotations), where
        if whole.allowed and old is None and "dryRun=All" not in step["path"]:
            assert whole.object is not None
            pods[body["metadata"]["name"]] = whole.object


def _patch(response: dict[str, Any]) -> list[dict[str, Any]]:
    assert response.get("patchType") == ("JSONPatch" if "patch" in response else None)
    operations: list[dict[str, Any]] = json.loads(base64.b64decode(response.get("patch", "W10=")))
    return operations


def test_tally() -> None:
    """Print what was compared (`-s`), and see that little was left to the server's own validation."""
    print(dict(tally))
    if tally["reviews"]:
        assert tally["refused by the server's validation"] < 0.2 * tally["reviews"]
