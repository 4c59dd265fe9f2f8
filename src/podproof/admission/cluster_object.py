"""One object of a cluster, as far as admission reads it: the key it is found by, and what is wrong with it.

A plain mapping comes in; its key, and words for what cannot be read, go out. An object that cannot be read
counts as absent: it grants and allows nothing. Nothing is decided here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ..kube.own_kinds import qualified
from ..kube.rbac import is_selector
from ..manifest.type_name import type_name

__all__ = ["Key", "KnownObject", "object_key", "shape_fault", "unrolled"]

Key = tuple[str, str, str]
"""Kind, namespace ("" for what has none) and name of an object; Podproof's own kinds are written with their
group, since one of them has a namesake."""

_ROLES = ("Role", "ClusterRole")
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_POLICIES = ("PodSecurityPolicy", "PodSecurityExemption")
_READ = (*_ROLES, *_BINDINGS, "Namespace", "ServiceAccount", "Pod", *_POLICIES)
_CLUSTER_WIDE = ("Namespace", "Node", "ClusterRole", "ClusterRoleBinding", *_POLICIES)


class KnownObject(msgspec.Struct, frozen=True):
    """An object and its turn: of problems, those of objects that came first are told first."""

    turn: int
    object: Any


def object_key(object_: Mapping[str, Any]) -> Key:
    """Return the key of an object; its name is "" when it has none, its kind "" when that is not a string."""
    metadata = object_.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    kind, name, namespace = object_.get("kind"), metadata.get("name"), metadata.get("namespace")
    if not isinstance(kind, str):
        kind = ""
    if kind.partition(".")[0] in _CLUSTER_WIDE:
        namespace = ""
    elif not namespace:
        namespace = "default"
    return qualified(kind, object_.get("apiVersion")), str(namespace), name if isinstance(name, str) else ""


def unrolled(objects: Iterable[Any]) -> Iterator[Any]:
    """Yield the objects, and instead of a List its items; one without a kind has that of its typed list."""
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
                yield from unrolled((item,))
        else:
            yield object_


def shape_fault(object_: Any) -> str:
    """Say why an object of a kind that decides who may do what cannot be read; "" when it can.

    The specifications of pods and policies are not looked at.
    """
    if not isinstance(object_, Mapping):
        return f"an object must be a mapping, is {type_name(object_)}"
    kind = object_.get("kind")
    if kind not in _READ:
        return ""
    metadata = object_.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    if not isinstance(name, str) or not name:
        return f"a {kind} has no name"
    for fault in _faults(kind, object_):
        return f"{kind} {name!r} has {fault}"
    return ""


def _faults(kind: str, object_: Mapping[str, Any]) -> Iterator[str]:
    namespace = object_["metadata"].get("namespace")
    if namespace is not None and not isinstance(namespace, str):
        yield "a namespace that is not text"
    labels = object_["metadata"].get("labels")
    if labels is not None and (
        not isinstance(labels, Mapping) or not all(v is None or isinstance(v, str) for v in labels.values())
    ):
        yield "labels that are not strings"
    if kind == "ClusterRole" and object_.get("aggregationRule") is not None:
        yield from _aggregation_faults(object_["aggregationRule"])
    if kind in _ROLES:
        rules = object_.get("rules")
        if rules is not None and not isinstance(rules, list):
            yield "rules that are not a list"
        for index, rule in enumerate(rules or ()):
            if not isinstance(rule, Mapping):
                yield f"rules[{index}] that is not an object"
            else:
                for key in ("apiGroups", "resources", "verbs", "resourceNames"):
                    if not _is_texts(rule.get(key)):
                        yield f"rules[{index}].{key} that is not a list of strings"
    if kind in _BINDINGS:
        reference, subjects = object_.get("roleRef"), object_.get("subjects")
        if not isinstance(reference, Mapping) or not all(
            isinstance(reference.get(key), str) for key in ("kind", "name")
        ):
            yield "a roleRef without kind and name"
        if subjects is not None and not isinstance(subjects, list):
            yield "subjects that are not a list"
        elif not all(isinstance(subject, Mapping) for subject in subjects or ()):
            yield "a subject that is not an object"


def _aggregation_faults(rule: Any) -> Iterator[str]:
    selectors = rule.get("clusterRoleSelectors") if isinstance(rule, Mapping) else None
    if not isinstance(selectors, list) or not all(is_selector(selector) for selector in selectors):
        yield "an aggregationRule that cannot be read"


def _is_texts(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))
