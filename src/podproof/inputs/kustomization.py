"""What a kustomization says of the files beside it: a file's name comes in, the part it plays goes out.

Its resources are bases, to which Kustomize adds what they leave out; its patches hold only what they change.
A file in its folder that it does not name is a spare patch, unless it holds whole objects. Reads only
kustomizations, and remembers them.
"""

import os
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from ..kube.visit import visit_written
from ..kube.workload import Workload, find_workload
from ..manifest.document import Document
from ..manifest.reader import read
from . import files
from .input import UnreadableInput
from .recognise import KUSTOMIZATIONS

__all__ = ["PATCH", "Kustomizations", "Part", "is_patch"]

PATCH = "a Kustomize patch, not a whole object: check the result (kustomize build DIR | podproof check -)"

Part = Literal["resource", "patch", "spare"]

_FOLDERS_ABOVE = 2
_RESTARTS = {"Job": ("OnFailure", "Never"), "CronJob": ("OnFailure", "Never")}
_WITH_SELECTOR = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


class _NamedFiles(msgspec.Struct, frozen=True):
    """The files that one folder's kustomizations name; `exists`: there is one."""

    exists: bool
    patches: frozenset[str]
    resources: frozenset[str]
    others: frozenset[str]


class Kustomizations:
    """Finds the part that files play, and reads each folder's kustomization once."""

    def __init__(self) -> None:
        self._known: dict[str, _NamedFiles] = {}
        # folders that have no kustomization, and none above: most folders of most runs
        self._nothing: set[str] = set()

    def part_of(self, file: str, *, is_named: bool = False) -> Part | None:
        """Give the part that a kustomization in the file's folder or up to two above gives it; None: none.

        `is_named`: somebody names the file itself, so that it is not spare.
        """
        end = file.rfind("/")
        if end and file[: max(end, 0)] in self._nothing:  # what os.path.dirname gives, at less cost
            return None
        folder = beside = os.path.dirname(file)
        target = os.path.normpath(file)
        exists = False
        for above in range(_FOLDERS_ABOVE + 1):
            named = self._known.get(folder)
            if named is None:
                named = self._known[folder] = _read(folder)
            exists = exists or named.exists
            if target in named.patches:
                return "patch"
            if target in named.resources:
                return "resource"
            if above == 0 and named.exists and target not in named.others:
                return None if is_named or os.path.basename(file) in KUSTOMIZATIONS else "spare"
            parent = os.path.dirname(folder)
            if parent == folder or not folder:
                break
            folder = parent
        if not exists:
            self._nothing.add(beside)
        return None


def _read(folder: str) -> _NamedFiles:
    named: dict[str, set[str]] = {"patches": set(), "resources": set(), "others": set()}
    exists = False
    for name in KUSTOMIZATIONS:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        exists = True
        kustomization = files.load(path)
        if isinstance(kustomization, UnreadableInput):
            continue
        for document in read(path, kustomization.data):
            if isinstance(document, Document) and isinstance(document.value, dict):
                for part, file in _named(document.value):
                    named[part].add(os.path.normpath(os.path.join(folder, file)))
    return _NamedFiles(exists, *(frozenset(named[part]) for part in ("patches", "resources", "others")))


def _named(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, entries in value.items():
        if key in ("patches", "patchesStrategicMerge", "patchesJson6902"):
            part = "patches"
        else:
            part = "resources" if key in ("resources", "bases") else "others"
        for entry in entries if isinstance(entries, list) else ():
            named = entry.get("path") if isinstance(entry, dict) else entry
            if isinstance(named, str) and "\n" not in named:
                yield part, named


def is_patch(value: Any, *, named: bool) -> bool:
    """Tell a patch from a whole object.

    A file that is `named` as a patch holds patches, but for what makes pods as it stands. A spare file holds
    objects, but for workloads that make none as they stand.
    """
    workload = find_workload(value)
    if not isinstance(workload, Workload):
        return named
    return not (workload.custom and not named) and not _is_whole(workload, value)


def _is_whole(workload: Workload, value: dict[str, Any]) -> bool:
    """Tell whether a workload makes pods: every container has an image, and it has a selector."""
    kind = value.get("kind")
    spec = value.get("spec")
    if kind in _WITH_SELECTOR and not (isinstance(spec, dict) and spec.get("selector")):
        return False
    pods = [template.pod for template in workload.templates]
    return bool(pods) and all(_is_whole_pod(pod, kind) for pod in pods)


def _is_whole_pod(pod: Any, kind: Any) -> bool:
    spec = pod.get("spec")
    if not isinstance(spec, dict) or not spec.get("containers"):
        return False
    if kind in _RESTARTS and spec.get("restartPolicy") not in _RESTARTS[kind]:
        return False
    return all(isinstance(container.get("image"), str) for _, container, _ in visit_written(spec))
