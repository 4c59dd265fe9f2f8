"""What the replays of recorded stories share: reading them, applying patches, and comparing messages.

A story is a namespace's life on a real server: requests in order, with what was answered.
"""

import json
import lzma
from pathlib import Path
from typing import Any

from podproof import Cluster
from podproof.admission.decision import Decision

DATA = Path(__file__).parent / "data"
_BY_NAME = ("containers", "initContainers", "ephemeralContainers")


def recorded(name: str) -> list[dict[str, Any]]:
    """Read the stories of a folder of recorded data."""
    with lzma.open(DATA / name / "stories.jsonl.xz", "rt") as lines:
        return [json.loads(line) for line in lines]


def texts(headers: list[str]) -> list[str]:
    """Take the texts out of Warning headers."""
    return [json.loads(header.removeprefix("299 - ")) for header in headers]


def merge(target: Any, patch: Any, *, strategic: bool) -> Any:
    """Apply a JSON merge patch, or a strategic one, whose containers are matched by name."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif strategic and key in _BY_NAME:
            merged[key] = _merge_named(merged.get(key) or [], value)
        else:
            merged[key] = merge(merged.get(key), value, strategic=strategic)
    return merged


def _merge_named(items: list[Any], patches: list[Any]) -> list[Any]:
    merged = list(items)
    for patch in patches:
        for index, item in enumerate(merged):
            if item.get("name") == patch.get("name"):
                merged[index] = merge(item, patch, strategic=True)
                break
        else:
            merged.append(patch)
    return merged


def resource_of(path: str) -> tuple[str, str, str, str]:
    """Split a request's path: API group, resource, name and subresource."""
    parts = path.partition("?")[0].strip("/").split("/")
    group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
    if rest[0] == "namespaces" and len(rest) > 2:
        rest = rest[2:]
    rest += ["", ""]
    return group, rest[0], rest[1], rest[2]


CONFIGURATION = {
    "apiVersion": "pod-security.admission.config.k8s.io/v1",
    "kind": "PodSecurityConfiguration",
    "exemptions": {
        "usernames": ["exempt-user"],
        "runtimeClasses": ["exempt-rc"],
        "namespaces": ["exempt-ns"],
    },
}


class Story:
    """A namespace and its pods, as they change from step to step."""

    def __init__(self, story: dict[str, Any]) -> None:
        self.name = story["namespace"]
        self.namespace: dict[str, Any] | None = None
        self.pods: dict[str, dict[str, Any]] = {}

    def cluster(self) -> Cluster:
        objects = [CONFIGURATION, *self.pods.values()]
        if self.namespace is not None:
            objects.append(self.namespace)
        return Cluster.from_objects(objects, kubernetes_version="v1.37")

    def namespace_request(self, labels: dict[str, str]) -> dict[str, Any]:
        return {
            "operation": "CREATE",
            "resource": {"group": "", "version": "v1", "resource": "namespaces"},
            "kind": {"group": "", "version": "v1", "kind": "Namespace"},
            "name": self.name,
            "namespace": self.name,
            "userInfo": {"username": "admin"},
            "object": {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": self.name, "labels": labels},
            },
        }

    def create_namespace(self, labels: dict[str, str]) -> Decision:
        request = self.namespace_request(labels)
        decision = self.cluster().admit(request)
        if decision.allowed:
            self.namespace = request["object"]
        return decision

    def request_of(self, step: dict[str, Any]) -> dict[str, Any]:
        group, resource, name, sub_resource = resource_of(step["path"])
        body, old = step["body"], None
        if step["method"] == "PATCH":
            old = self.namespace if resource == "namespaces" else self.pods[name]
            body = merge(old, step["body"], strategic="strategic" in step["content_type"])
        return {
            "operation": "CREATE" if old is None else "UPDATE",
            "resource": {"group": group, "version": "v1", "resource": resource},
            "subResource": sub_resource,
            "name": body["metadata"].get("name"),
            "namespace": self.name,
            "userInfo": {"username": step["user"] or "admin", "groups": ["system:authenticated"]},
            "object": body,
            "oldObject": old,
            "dryRun": "dryRun=All" in step["path"],
        }

    def play(self, step: dict[str, Any]) -> Decision:
        request = self.request_of(step)
        body, resource = request["object"], request["resource"]["resource"]
        decision = self.cluster().admit(request)
        if decision.allowed and not request["dryRun"]:
            if resource == "namespaces":
                self.namespace = body
            elif resource == "pods":
                assert decision.object is not None
                self.pods[body["metadata"]["name"]] = decision.object
        return decision
