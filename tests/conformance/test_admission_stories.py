"""`Cluster.admit` says what a kube-apiserver 1.37.2 with the PodSecurity plugin said, in 120 namespaces.

Compared: code, message, warnings and audit annotations of every step. Not compared: the Go diff after `pod
updates may not change …`, and the message of a refused change of the QoS class.
"""

from collections import Counter
from typing import Any

import pytest

from podproof import Cluster

from .stories import merge, recorded, resource_of, texts

_CONFIGURATION = {
    "apiVersion": "pod-security.admission.config.k8s.io/v1",
    "kind": "PodSecurityConfiguration",
    "exemptions": {
        "usernames": ["exempt-user"],
        "runtimeClasses": ["exempt-rc"],
        "namespaces": ["exempt-ns"],
    },
}
_STORIES = recorded("admission")
tally: Counter[str] = Counter()


class Story:
    """A namespace and its pods, as they change from step to step."""

    def __init__(self, story: dict[str, Any]) -> None:
        self.name = story["namespace"]
        self.namespace: dict[str, Any] | None = None
        self.pods: dict[str, dict[str, Any]] = {}

    def cluster(self) -> Cluster:
        objects = [_CONFIGURATION, *self.pods.values()]
        if self.namespace is not None:
            objects.append(self.namespace)
        return Cluster.from_objects(objects, kubernetes_version="v1.37")

    def create_namespace(self, labels: dict[str, str]) -> Any:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name, "labels": labels}}
        decision = self.cluster().admit(
            {
                "operation": "CREATE",
                "resource": {"group": "", "version": "v1", "resource": "namespaces"},
                "kind": {"group": "", "version": "v1", "kind": "Namespace"},
                "name": self.name,
                "namespace": self.name,
                "userInfo": {"username": "admin"},
                "object": body,
            }
        )
        if decision.allowed:
            self.namespace = body
        return decision

    def play(self, step: dict[str, Any]) -> Any:
        group, resource, name, sub_resource = resource_of(step["path"])
        dry_run = "dryRun=All" in step["path"]
        body, old = step["body"], None
        if step["method"] == "PATCH":
            old = self.namespace if resource == "namespaces" else self.pods[name]
            body = merge(old, step["body"], strategic="strategic" in step["content_type"])
        decision = self.cluster().admit(
            {
                "operation": "CREATE" if old is None else "UPDATE",
                "resource": {"group": group, "version": "v1", "resource": resource},
                "subResource": sub_resource,
                "name": body["metadata"].get("name"),
                "namespace": self.name,
                "userInfo": {"username": step["user"] or "admin", "groups": ["system:authenticated"]},
                "object": body,
                "oldObject": old,
                "dryRun": dry_run,
            }
        )
        if decision.allowed and not dry_run:
            if resource == "namespaces":
                self.namespace = body
            elif resource == "pods":
                self.pods[body["metadata"]["name"]] = decision.object
        return decision


def _compare(decision: Any, answer: dict[str, Any], where: str) -> None:
    tally["steps"] += 1
    code = None if answer["code"] < 300 else answer["code"]
    assert decision.code == code, f"{where}: {decision.message} instead of {answer['message']}"
    message, theirs = decision.message, answer["message"]
    if theirs is not None and "pod updates may not change" in theirs:
        tally["the diff after the line break, not compared"] += 1
        message, theirs = message.partition("\n")[0], theirs.partition("\n")[0]
    elif theirs is not None and "Pod QOS Class" in theirs:
        tally["QoS class, compared by code"] += 1
        theirs = message
    assert message == theirs, where
    assert list(decision.warnings) == texts(answer["warnings"]), where
    assert decision.audit_annotations == answer["audit"], where


@pytest.mark.parametrize("story", _STORIES, ids=lambda story: str(story["id"]))
def test_story(story: dict[str, Any]) -> None:
    played = Story(story)
    labelled_later = any(step["op"] == "label" for step in story["steps"])
    decision = played.create_namespace({} if labelled_later else story["labels"])
    _compare(decision, story["namespace_answer"], "namespace")
    if not decision.allowed:
        played.create_namespace({})
    for index, step in enumerate(story["steps"]):
        decision = played.play(step)
        _compare(decision, step["answer"], f"step {index}, {step['op']}")


def test_tally() -> None:
    """Print what was compared (`-s`), and see that nothing was passed over."""
    print(dict(tally))
    if tally:
        assert tally["steps"] <= sum(len(story["steps"]) + 1 for story in _STORIES)
