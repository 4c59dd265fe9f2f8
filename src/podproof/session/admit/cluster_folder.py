"""Reads a folder of cluster objects, as `kubectl get -o yaml` writes them, for `admit`.

A folder comes in; its objects go out with their places, and a line for everything that could not be read and
so counts as absent. Kinds that pod security does not look at are ignored. Nothing is judged here.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ...errors import UsageError
from ...inputs.input import InputObject, SkippedInput
from ...inputs.objects import read_paths
from ...manifest.type_name import type_name

__all__ = ["ClusterObjects", "Held", "read_cluster", "shape_fault"]

_ROLES = ("Role", "ClusterRole")
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_NAMED_BY_KIND = re.compile(r"an? (?P<bare>[A-Z]\w+) has no name|(?P<kind>[A-Z]\w+) '(?P<name>[^']*)'")


class Held(msgspec.Struct, frozen=True):
    """An object of the cluster and its place, as `file:line`."""

    object: Mapping[str, Any]
    at: str


class ClusterObjects:
    """Objects with their places, and `problems`: a line for each thing that could not be read."""

    def __init__(self, held: Iterable[Held] = (), problems: Iterable[str] = ()) -> None:
        self.problems = list(problems)
        self.by_name: dict[tuple[str, str, str], Held] = {}
        for one in held:
            self.add(one)

    @property
    def held(self) -> list[Held]:
        """All objects; of two with the same name, the one that was added later."""
        return list(self.by_name.values())

    def add(self, held: Held) -> None:
        """Add an object; of two with one name the later counts, as with `kubectl apply`."""
        kind, namespace, name = key_of(held.object)
        # what has no name (a configuration) replaces nothing: two of them contradict each other
        self.by_name[kind, namespace, name or f"\0{len(self.by_name)}"] = held

    def find(self, kind: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return the object of a kind and name; None: there is none."""
        held = self.by_name.get((kind, namespace, name))
        return None if held is None else held.object

    def has(self, kind: str) -> bool:
        """Say whether there is any object of a kind."""
        return any(known == kind for known, _, _ in self.by_name)

    def placed(self, problem: str, folder: str) -> str:
        """Write a problem of the cluster behind the place of the object that it begins with."""
        match = _NAMED_BY_KIND.match(problem)
        if match is not None:
            kind, name = match["bare"] or match["kind"], match["name"] or ""
            for (known, _, known_name), held in self.by_name.items():
                if known == kind and known_name == name:
                    return f"{held.at}: {problem}"
        return f"{folder}: {problem}"


def key_of(object_: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return kind, namespace ("" for what has none) and name of an object."""
    metadata = object_.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    kind, name, namespace = object_.get("kind"), metadata.get("name"), metadata.get("namespace")
    if not isinstance(kind, str):
        kind = ""
    if kind in ("Namespace", "PodSecurityPolicy", "ClusterRole", "ClusterRoleBinding"):
        namespace = ""
    elif not namespace:
        namespace = "default"
    return kind, str(namespace), name if isinstance(name, str) else ""


def read_cluster(folder: str) -> ClusterObjects:
    """Read every object of the folder.

    Raises UsageError: it is not a folder.
    """
    if not os.path.isdir(folder):
        raise UsageError(
            f"--cluster {folder}: no such folder; write cluster objects there, e.g. with kubectl get"
        )
    found = ClusterObjects()
    for result in read_paths((folder,)):
        if isinstance(result, InputObject):
            at = f"{result.document.file}:{_line(result)}"
            fault = shape_fault(result.value)
            if fault:
                found.problems.append(f"{at}: {fault}: it counts as absent")
            else:
                found.add(Held(result.value, at))
        elif isinstance(result, SkippedInput):
            if _may_matter(result):
                found.problems.append(f"{result.file}:{result.line}: {result.reason}")
        else:
            found.problems.append(f"{result.file}:{result.line}: {result.message}")
    return found


def _line(item: InputObject) -> int:
    return item.document.place(item.route_prefix).line if item.route_prefix else item.document.line


def _may_matter(skipped: SkippedInput) -> bool:
    """Tell whether a skipped input is a loss; empty lists, empty files and other YAML never had an object."""
    by_nature = ("an empty ", "the file is empty", "hidden ", "nothing in this folder", "no apiVersion")
    return not skipped.reason.startswith(by_nature)


def shape_fault(object_: Any) -> str:
    """Say why an object of a kind that decides who may do what cannot be read; "" when it can."""
    if not isinstance(object_, Mapping):
        return f"an object must be a mapping, is {type_name(object_)}"
    kind = object_.get("kind")
    if kind not in (*_ROLES, *_BINDINGS, "Namespace", "ServiceAccount", "Pod", "PodSecurityPolicy"):
        return ""
    metadata = object_.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    if not isinstance(name, str) or not name:
        return f"a {kind} has no name"
    label = f"{kind} {name!r}"
    for fault in _faults(kind, object_):
        return f"{label} has {fault}"
    if kind == "Pod":
        return _pod_fault(object_, label)
    return ""


def _pod_fault(object_: Mapping[str, Any], label: str) -> str:
    from ...errors import ManifestError
    from ...policies.pod_security import read_pod

    try:
        read_pod(object_)
    except ManifestError as error:
        return f"{label} cannot be read: {error}"
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
                continue
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
    from ...kube.rbac import is_selector

    selectors = rule.get("clusterRoleSelectors") if isinstance(rule, Mapping) else None
    if not isinstance(selectors, list) or not all(is_selector(selector) for selector in selectors):
        yield "an aggregationRule that cannot be read"


def _is_texts(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))
