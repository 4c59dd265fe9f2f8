"""Finds the workload that an object belongs to: a pod's, over its ReplicaSet, is its Deployment.

Submissions come in, in any order; for each object among them, or another, the workload at the top of its
owner references goes out, so that a workload with its replicas and pods counts once. Nothing is judged here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ...results.admitted import OwningWorkload, Submission

__all__ = ["Owners"]

_OWNED = ("Job", "Pod", "ReplicaSet", "ReplicationController")
"""Kinds that belong to their controller's workload; a StatefulSet is a workload whoever made it."""

_STEPS = 8
"""Pods, ReplicaSets and Deployments are three; owner references may form a circle."""


class Owners:
    """The objects of one run by uid and by name."""

    def __init__(self, submissions: Iterable[Submission]) -> None:
        self._by_uid: dict[str, tuple[Mapping[str, Any], str]] = {}
        self._by_name: dict[tuple[str, str, str], tuple[Mapping[str, Any], str]] = {}
        for submission in submissions:
            object_ = submission.object
            if object_ is None:
                continue
            metadata = _mapping(object_.get("metadata"))
            uid, name = metadata.get("uid"), _text(metadata.get("name"))
            if isinstance(uid, str) and uid:
                self._by_uid.setdefault(uid, (object_, submission.at))
            if name:
                key = (_text(object_.get("kind")), _text(metadata.get("namespace")), name)
                self._by_name.setdefault(key, (object_, submission.at))

    def workload_of(self, object_: Mapping[str, Any], at: str, name: str) -> OwningWorkload:
        """Give the workload of an object that stands at `at` and is called `name` (`pod/web`)."""
        owner = OwningWorkload(name, _text(_mapping(object_.get("metadata")).get("namespace")), at)
        for _ in range(_STEPS):
            reference = _controller(object_)
            if reference is None:
                break
            kind, named = _text(reference.get("kind")), _text(reference.get("name"))
            group = _text(reference.get("apiVersion")).rpartition("/")[0]
            known = self._by_uid.get(_text(reference.get("uid")))
            known = known or self._by_name.get((kind, owner.namespace, named))
            label = f"{kind.lower()}.{group}/{named}" if group else f"{kind.lower()}/{named}"
            owner = OwningWorkload(label, owner.namespace, "" if known is None else known[1])
            if known is None:
                break
            object_ = known[0]
        return owner


def _controller(object_: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give the reference to the controller that an object belongs to; a node only reports its own pods."""
    references = _mapping(object_.get("metadata")).get("ownerReferences")
    if object_.get("kind") not in _OWNED or not isinstance(references, list):
        return None
    for reference in references:
        held = _mapping(reference)
        if held.get("controller") is True and held.get("name") and held.get("kind") not in (None, "", "Node"):
            return held
    return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
