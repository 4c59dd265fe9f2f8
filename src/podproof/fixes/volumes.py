"""Read-only root file systems, each with the volumes that its program needs to go on writing.

A pod and what is known of its writing come in, changes go out. What was seen to be written decides; else
what the image declares as its volumes, and /tmp. A folder in which the image has content is never hidden by
an empty volume.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import chain, count
from typing import Any

import msgspec

from ..edits.edit import Edit
from ..effective.image import ImageConfig
from ..effective.predicted import PredictedContext
from ..findings import ContainerRef
from ..manifest.route import Route, value_at
from .change import PlannedChange, PodToFix

__all__ = ["READ_ONLY", "Written", "plan_read_only", "plan_volumes"]

READ_ONLY = "writable-root-filesystem"
"""The check whose advice is taken up."""

_TMP = "/tmp"
_LONGEST = 63
"""Characters of a volume's name. Source: kubernetes pkg/apis/core/validation, DNS label."""

_NO_LABEL = re.compile("[^a-z0-9]+")


class Written(msgspec.Struct, frozen=True):
    """What a container was seen to write: folders for which an empty volume does, and why."""

    folders: tuple[str, ...]
    why: str


def plan_read_only(
    value: Any,
    pod: PodToFix,
    wanted: Callable[[ContainerRef, Route], bool],
    seen: Mapping[ContainerRef, Written],
    allows: Callable[[PlannedChange], bool],
) -> Iterator[PlannedChange]:
    """Make the root file systems of those containers read-only that are `wanted`; not those for debugging.

    A change that `allows` refuses leaves its names and places in lists to those behind it.
    """
    volumes = _NewVolumes(value, pod)
    for reference, place, process in zip(pod.containers, pod.places, pod.processes, strict=False):
        if reference.kind == "ephemeral" or process.read_only_root.value is not False:
            continue
        if not wanted(reference, place):
            continue
        folders, why = _folders(process, seen.get(reference))
        edits = (
            Edit((*place, "securityContext", "readOnlyRootFilesystem"), "set", True),
            *volumes.mount(reference, place, _unmounted(folders, process)),
        )
        change = PlannedChange("tighter", edits, _what(edits), why, (READ_ONLY,), reference, name=READ_ONLY)
        if allows(change):
            volumes.keep(edits)
            yield change


def plan_volumes(
    value: Any,
    pod: PodToFix,
    seen: Mapping[ContainerRef, Written],
    allows: Callable[[PlannedChange], bool],
) -> Iterator[PlannedChange]:
    """Give containers that keep their root file system the volumes that they were seen to need."""
    volumes = _NewVolumes(value, pod)
    for reference, place, process in zip(pod.containers, pod.places, pod.processes, strict=False):
        if reference not in seen:
            continue
        edits = tuple(volumes.mount(reference, place, _unmounted(seen[reference].folders, process)))
        why = seen[reference].why
        change = PlannedChange("tighter", edits, _what(edits), why, ("run-as-non-root",), reference)
        if edits and allows(change):
            volumes.keep(edits)
            yield change


def _folders(process: PredictedContext, seen: Written | None) -> tuple[Iterable[str], str]:
    """Give the folders that need a volume, and what that rests on."""
    if seen is not None:
        return seen.folders, seen.why
    image = process.placed.image
    declared, full = _declared(image)
    why = [f"the image declares {', '.join(declared)} as volumes"] if declared else []
    hidden = [path for path in (image.volumes or () if image else ()) if path not in declared]
    if hidden:
        state = "has content in it" if full is not None else "may have content in it"
        why.append(f"no volume hides {', '.join(hidden)}: the image {state}")
    if full is not None and _TMP in full:
        return declared, "; ".join((*why, f"no volume hides {_TMP}: the image has content in it"))
    rest = "what it writes elsewhere" if declared else "what it writes"
    return [*declared, _TMP], "; ".join((*why, f"{rest} is not known: fix --run tries it"))


def _declared(image: ImageConfig | None) -> tuple[list[str], tuple[str, ...] | None]:
    """Give the image's volumes that are known to be empty, and all folders known to have content."""
    if image is None or image.nonempty is None:
        return [], None
    return [path for path in image.volumes or () if path not in image.nonempty], image.nonempty


def _unmounted(folders: Iterable[str], process: PredictedContext) -> list[str]:
    """Leave out what lies in a volume already, in a folder of these, or where no volume may be."""
    mounted = {_plain(mount.mount_path or "") for mount in process.placed.container.volume_mounts or ()}
    chosen: list[str] = []
    for folder in sorted({_plain(path) for path in folders}):
        inside = any(folder == one or folder.startswith(f"{one}/") for one in (*mounted, *chosen))
        if folder != "/" and not inside and ":" not in folder:
            chosen.append(folder)
    return chosen


def _plain(path: str) -> str:
    return "/" + "/".join(part for part in path.split("/") if part not in ("", "."))


def _what(edits: Iterable[Edit]) -> str:
    """Name what is set, and the folders that get a volume."""
    paths = [path for edit in edits for path in _paths(edit)]
    read_only = any(edit.route[-1] == "readOnlyRootFilesystem" for edit in edits)
    words = ["securityContext.readOnlyRootFilesystem: true"] if read_only else []
    if paths:
        words.append(f"an emptyDir at {', '.join(paths)}")
    return ", ".join(words)


def _paths(edit: Edit) -> list[str]:
    mounts = edit.value if isinstance(edit.value, list) else [edit.value]
    return [mount["mountPath"] for mount in mounts if isinstance(mount, dict) and "mountPath" in mount]


class _NewVolumes:
    """Names volumes, and writes the edits that add these to the pod and its containers."""

    def __init__(self, value: Any, pod: PodToFix) -> None:
        self._route = (*pod.spec, "volumes")
        volumes = value_at(value, self._route)
        self._length = len(volumes) if isinstance(volumes, list) else 0
        self._taken = {str(volume.get("name")) for volume in volumes or () if isinstance(volume, dict)}
        self._value = value

    def mount(self, container: ContainerRef, place: Route, folders: list[str]) -> Iterator[Edit]:
        """Mount a volume of its own at each folder of a container."""
        route = (*place, "volumeMounts")
        mounts = value_at(self._value, route)
        start = len(mounts) if isinstance(mounts, list) else 0
        names: list[str] = []
        for folder in folders:
            names.append(self._name(folder, container.name, names))
        added = [{"name": name, "mountPath": folder} for name, folder in zip(names, folders, strict=True)]
        yield from _append(route, start, added)
        yield from _append(self._route, self._length, [{"name": name, "emptyDir": {}} for name in names])

    def keep(self, edits: Iterable[Edit]) -> None:
        """Count the volumes of these edits among those that the pod has."""
        for edit in edits:
            if edit.route[: len(self._route)] == self._route:
                added = edit.value if isinstance(edit.value, list) else [edit.value]
                self._taken |= {volume["name"] for volume in added}
                self._length += len(added)

    def _name(self, folder: str, container: str, others: Collection[str]) -> str:
        """Name a volume after its folder; the container's name, then a number, makes it another one."""
        stem = _NO_LABEL.sub("-", folder.lower()).strip("-") or "volume"
        candidates = chain((stem, f"{stem}-{container}"), (f"{stem}-{number}" for number in count(2)))
        taken = self._taken.union(others)
        return next(short for one in candidates if (short := _label(one)) not in taken)


def _label(text: str) -> str:
    """Shorten a name to a DNS label; what was cut off is told apart by its hash."""
    text = text.strip("-")
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 9].rstrip('-')}-{sha256(text.encode()).hexdigest()[:8]}"


def _append(route: Route, length: int, items: list[dict[str, Any]]) -> Iterator[Edit]:
    """Add items to a list, which is made where there is none."""
    if items and not length:
        yield Edit(route, "set", items)
    elif items:
        yield from (Edit((*route, length + number), "set", item) for number, item in enumerate(items))
