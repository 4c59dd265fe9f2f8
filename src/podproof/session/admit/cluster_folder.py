"""Reads a folder of cluster objects, as `kubectl get -o yaml` writes them, for `admit`.

A folder comes in; its objects go out with their places, and a line for everything that could not be read and
so counts as absent. Kinds that pod security does not look at are left aside. Nothing is judged here.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ...admission.cluster_object import Key, object_key, shape_fault
from ...errors import ManifestError, UsageError
from ...inputs.input import InputObject, SkippedInput
from ...inputs.objects import read_paths
from ...kube.read_pod import read_pod

__all__ = ["ClusterObjects", "PlacedObject", "read_cluster"]


class PlacedObject(msgspec.Struct, frozen=True):
    """An object of the cluster and where it stands, as `file:line`."""

    object: Mapping[str, Any]
    at: str


class ClusterObjects:
    """Objects with their places by their keys, and `problems`: a line for each thing that could not be read.

    Of two objects with one kind, namespace and name the later counts, as with `kubectl apply`; what has no
    name (a configuration) replaces nothing.
    """

    def __init__(self, objects: Iterable[PlacedObject] = (), problems: Iterable[str] = ()) -> None:
        self.problems = tuple(problems)
        self.by_key: dict[Key, PlacedObject] = {}
        for placed in objects:
            kind, namespace, name = object_key(placed.object)
            self.by_key[kind, namespace, name or f"\0{len(self.by_key)}"] = placed

    def has(self, kind: str) -> bool:
        """Say whether there is any object of a kind."""
        return any(known == kind for known, _, _ in self.by_key)


def read_cluster(folder: str) -> ClusterObjects:
    """Read every object of the folder.

    Raises UsageError: it is not a folder.
    """
    if not os.path.isdir(folder):
        raise UsageError(
            f"--cluster {folder}: no such folder; write cluster objects there, e.g. with kubectl get"
        )
    objects: list[PlacedObject] = []
    problems: list[str] = []
    for result in read_paths((folder,)):
        if isinstance(result, InputObject):
            at = f"{result.document.file}:{_line(result)}"
            fault = _fault(result.value)
            if fault:
                problems.append(f"{at}: {fault}: it counts as absent")
            else:
                objects.append(PlacedObject(result.value, at))
        elif isinstance(result, SkippedInput):
            if _may_matter(result):
                problems.append(f"{result.file}:{result.line}: {result.reason}")
        else:
            problems.append(f"{result.file}:{result.line}: {result.message}")
    return ClusterObjects(objects, problems)


def _line(item: InputObject) -> int:
    return item.document.place(item.route_prefix).line if item.route_prefix else item.document.line


def _may_matter(skipped: SkippedInput) -> bool:
    """Tell what was left out from what holds no object by nature: empty lists, empty files, other YAML."""
    by_nature = (
        "an empty ",
        "the file is empty",
        "hidden ",
        "nothing in this folder",
        "its name ",
        "no apiVersion",
    )
    return not skipped.reason.startswith(by_nature)


def _fault(object_: Any) -> str:
    """Say why an object cannot be read; "" when it can."""
    fault = shape_fault(object_)
    if not fault and object_.get("kind") == "Pod":
        try:
            read_pod(object_)
        except ManifestError as error:
            return f"Pod {object_['metadata']['name']!r} cannot be read: {error}"
    return fault
