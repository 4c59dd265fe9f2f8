"""Sorts cluster objects by what admission needs of them.

Plain mappings come in, a Collection goes out; what cannot be read is absent and named in its problems, as
is what does nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..kube.rbac import KINDS as RBAC_KINDS
from ..manifest.type_name import type_name
from ..policies.psp.policy import PodSecurityPolicy, read_policy
from .configuration import Configuration, is_configuration, read_configuration
from .policy_object import POLICY_VERSIONS, judge_policy

__all__ = ["Collection", "collect"]


class Collection:
    """Objects of a cluster by kind; pods by namespace and sorted by name, policies sorted by name."""

    def __init__(self) -> None:
        self.namespaces: dict[str, dict[str, str]] = {}
        self.pods: dict[str, list[Mapping[str, Any]]] = {}
        self.policies: list[PodSecurityPolicy] = []
        self.rbac: list[Mapping[str, Any]] = []
        self.configuration = Configuration()
        self.problems: list[str] = []
        """What could not be read, which is absent, and what does nothing."""
        self.unread: list[str] = []
        """Those of the problems that are about what could not be read."""

    def lose(self, problem: str) -> None:
        """Note that something could not be read."""
        self.problems.append(problem)
        self.unread.append(problem)


def collect(objects: Iterable[Mapping[str, Any]], minor: int) -> Collection:
    """Sort the objects for Kubernetes 1.`minor`.

    Raises ConfigurationError: a PodSecurityConfiguration is wrong, or there are two.
    """
    found = Collection()
    policies: dict[str, PodSecurityPolicy] = {}
    configured = False
    for object_ in _unrolled(objects):
        if not isinstance(object_, Mapping):
            found.lose(f"an object must be a mapping, is {type_name(object_)}")
            continue
        kind = object_.get("kind")
        metadata = object_.get("metadata")
        metadata = metadata if isinstance(metadata, Mapping) else {}
        if is_configuration(object_):
            if configured:
                from .configuration import ConfigurationError

                raise ConfigurationError("there are two configurations of PodSecurity; keep one")
            found.configuration, configured = read_configuration(object_), True
        elif kind == "Namespace":
            _add_namespace(found, metadata)
        elif kind == "Pod":
            _add_pod(found, object_, metadata)
        elif kind == "PodSecurityPolicy":
            _add_policy(found, policies, object_, minor)
        elif kind in RBAC_KINDS:
            found.rbac.append(object_)
    for pods in found.pods.values():
        pods.sort(key=lambda pod: str(pod["metadata"]["name"]))
    found.policies = [policies[name] for name in sorted(policies)]
    return found


def _unrolled(objects: Iterable[Any]) -> Iterator[Any]:
    for object_ in objects:
        items = object_.get("items") if isinstance(object_, Mapping) else None
        kind = object_.get("kind") if isinstance(object_, Mapping) else None
        if isinstance(items, list | tuple) and isinstance(kind, str) and kind.endswith("List"):
            for item in items:
                if isinstance(item, Mapping) and "kind" not in item and kind != "List":
                    item = {
                        "kind": kind.removesuffix("List"),
                        "apiVersion": object_.get("apiVersion"),
                        **item,
                    }
                yield from _unrolled((item,))
        else:
            yield object_


def _add_namespace(found: Collection, metadata: Mapping[str, Any]) -> None:
    name, labels = metadata.get("name"), metadata.get("labels")
    if not isinstance(name, str):
        found.lose("a Namespace has no name")
        return
    if labels is None:
        labels = {}
    if not isinstance(labels, Mapping) or not all(v is None or isinstance(v, str) for v in labels.values()):
        found.lose(f"Namespace {name!r} has labels that are not strings: it counts as absent")
        return
    found.namespaces[name] = {str(key): value or "" for key, value in labels.items()}


def _add_pod(found: Collection, pod: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if not isinstance(name, str) or not name:
        found.lose("a Pod has no name: it counts as absent")
    elif namespace is not None and not isinstance(namespace, str):
        found.lose(f"Pod {name!r} has a namespace that is not text: it counts as absent")
    else:
        found.pods.setdefault(namespace or "default", []).append(pod)


def _add_policy(
    found: Collection, policies: dict[str, PodSecurityPolicy], object_: Mapping[str, Any], minor: int
) -> None:
    metadata = object_.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    label = f"PodSecurityPolicy {name!r}" if isinstance(name, str) else "a PodSecurityPolicy"
    if not any(minor <= until for until in POLICY_VERSIONS.values()):
        found.problems.append(f"{label} does nothing: Kubernetes 1.{minor} has no PodSecurityPolicy")
        return
    accepted = judge_policy(object_, minor)
    if accepted.object is None:
        found.lose(f"{label} counts as absent: {accepted.message}")
        return
    policy = read_policy(accepted.object)
    if policy.broken:
        found.problems.append(f"{label} admits nothing: {'; '.join(policy.broken)}")
    policies[policy.name] = policy
