"""`Cluster.admit` says what a kube-apiserver 1.24.17 with PodSecurityPolicy said, in 120 namespaces.

Compared: the answers to the policies themselves with the completed objects, and code, message, warnings and
the pod of every step. A refusal lists the errors of every usable policy: the server's order is random, ours
is by name, so the blocks are compared as a set. Not compared: what other plugins write into pods.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from podproof import Cluster

from .stories import merge, recorded, resource_of, texts

_STORIES = recorded("psp")
_NOT_MODELLED = ("tolerations", "priority", "preemptionPolicy", "enableServiceLinks")
tally: Counter[str] = Counter()


def _request(resource: tuple[str, str, str, str], user: str, namespace: str, **rest: Any) -> dict[str, Any]:
    group, name, _, sub_resource = resource
    return {
        "resource": {"group": group, "version": "v1", "resource": name},
        "subResource": sub_resource,
        "namespace": namespace,
        "userInfo": {"username": user, "groups": ["system:authenticated"]},
        **rest,
    }


def _differences(mine: Any, theirs: Any, path: str = "") -> Iterator[str]:
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for key in sorted(mine.keys() | theirs.keys()):
            here = f"{path}.{key}" if path else key
            if key not in mine or key not in theirs:
                yield f"{here}: {mine.get(key)!r} instead of {theirs.get(key)!r}"
            else:
                yield from _differences(mine[key], theirs[key], here)
    elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        for index, (one, other) in enumerate(zip(mine, theirs, strict=True)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif mine != theirs:
        yield f"{path}: {mine!r} instead of {theirs!r}"


def _pod(value: dict[str, Any]) -> dict[str, Any]:
    metadata, spec = value["metadata"], dict(value["spec"])
    for key in _NOT_MODELLED:
        spec.pop(key, None)
    return {"metadata": {k: metadata.get(k) for k in ("name", "namespace", "annotations")}, "spec": spec}


def _policy(value: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": value["metadata"], "spec": value["spec"]}


def _same_message(decision: Any, theirs: str | None) -> bool:
    if decision.message == theirs:
        return True
    if theirs is None or decision.message is None or "pod: [" not in theirs:
        return False
    blocks = [
        " ".join(error.text for error in report.errors)
        for report in decision.policies
        if report.outcome == "violated"
    ]
    head, _, listed = theirs.partition("pod: [")
    if decision.message.partition("pod: [")[0] != head or len(listed) != len(" ".join(blocks)) + 1:
        return False
    rest = listed.removesuffix("]")
    for block in sorted(blocks, key=len, reverse=True):
        if block not in rest:
            return False
        rest = rest.replace(block, "", 1)
    return not rest.strip()


@pytest.mark.parametrize("story", _STORIES, ids=lambda story: str(story["id"]))
def test_story(story: dict[str, Any]) -> None:
    namespace, pods = story["namespace"], {}
    empty = Cluster.from_objects([], kubernetes_version="v1.24")
    policies = {}
    for policy in story["policies"]:
        body, answer = policy["object"], policy["answer"]
        decision = empty.admit(
            _request(("policy", "podsecuritypolicies", "", ""), "admin", "", operation="CREATE", object=body)
        )
        tally["policies"] += 1
        assert decision.code == (None if answer["code"] < 300 else answer["code"]), answer
        assert decision.message == answer["message"]
        assert list(decision.warnings) == texts(answer["warnings"])
        if decision.allowed:
            policies[body["metadata"]["name"]] = body
            assert list(_differences(_policy(decision.object), _policy(answer["object"]))) == []
    for index, step in enumerate(story["steps"]):
        if step["op"] == "delete-policy":
            del policies[step["name"]]
            continue
        where = f"step {index}, {step['op']}"
        tally["steps"] += 1
        cluster = Cluster.from_objects([*policies.values(), *story["objects"]], kubernetes_version="v1.24")
        resource = resource_of(step["path"])
        body, old = step["body"], None
        if step["method"] == "PATCH":
            old = pods[resource[2]]
            body = merge(old, body, strategic="strategic" in step["content_type"])
        decision = cluster.admit(
            _request(
                resource,
                step["user"],
                namespace,
                operation="CREATE" if old is None else "UPDATE",
                object=body,
                oldObject=old,
            ),
            mutated=True,  # the recorded server had no ServiceAccount plugin
        )
        answer = step["answer"]
        assert decision.code == (None if answer["code"] < 300 else answer["code"]), (
            f"{where}: {decision.message} instead of {answer['message']}"
        )
        assert _same_message(decision, answer["message"]), (
            f"{where}:\n{decision.message}\ninstead of\n{answer['message']}"
        )
        if answer["message"] is not None and decision.message != answer["message"]:
            tally["messages in another order"] += 1
        assert list(decision.warnings) == texts(answer["warnings"]), where
        if decision.allowed:
            tally["pods compared"] += 1
            assert list(_differences(_pod(decision.object), _pod(answer["object"]))) == [], where
            if old is None and "dryRun=All" not in step["path"]:
                pods[body["metadata"]["name"]] = decision.object


def test_tally() -> None:
    """Print what was compared and what was not (`-s`)."""
    print(dict(tally), "not compared:", ", ".join(f"spec.{key}" for key in _NOT_MODELLED))
