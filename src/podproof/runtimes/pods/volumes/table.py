"""All volumes of a pod: which kind each is, where it lies, and who may write it."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ....kube.visit import visit_mappings
from ...embedded.cleanup import remove_tree
from . import claim, config_map, downward_api, empty_dir, host_path, projected, secret
from .context import VolumeContext
from .ownership import set_group
from .problem import VolumeProblem

__all__ = ["SetUp", "Volumes"]

_Made = Callable[[Path, Mapping[str, Any], VolumeContext, float], bool]

_KINDS: dict[str, tuple[str, _Made]] = {
    "emptyDir": ("empty-dir", empty_dir.set_up),
    "configMap": ("configmap", config_map.set_up),
    "secret": ("secret", secret.set_up),
    "downwardAPI": ("downward-api", downward_api.set_up),
    "projected": ("projected", projected.set_up),
}
"""Source to the name of its plugin's folder and the function that makes it."""


class SetUp(msgspec.Struct, frozen=True):
    """A volume that can be mounted. `read_only`: whatever the mount says."""

    path: Path
    read_only: bool


class Volumes:
    """Sets up and takes down the volumes of one pod under its own folder."""

    def __init__(self, folder: Path, context: VolumeContext) -> None:
        self._folder = folder
        self._context = context
        self._held: dict[str, SetUp] = {}

    def set_up(self, now: float) -> list[tuple[str, str]]:
        """Make what is not yet made; gives (volume, problem) for each that could not be."""
        problems: list[tuple[str, str]] = []
        for volume in (self._context.pod.get("spec") or {}).get("volumes") or ():
            name = str(volume.get("name"))
            if name in self._held:
                continue
            try:
                self._held[name] = self._make(name, volume, now)
            except VolumeProblem as problem:
                problems.append((name, str(problem)))
            except OSError as error:
                problems.append((name, str(error)))
        return problems

    def find(self, name: str) -> SetUp | None:
        """Give a volume that has been set up; None when there is none of this name."""
        return self._held.get(name)

    def _make(self, name: str, volume: Mapping[str, Any], now: float) -> SetUp:
        kind = next((key for key in volume if key != "name" and volume[key] is not None), "emptyDir")
        source = volume.get(kind) or {}
        if kind == "hostPath":
            # fsGroup never touches the node's own files
            return SetUp(self._host_path(name, source), False)
        if kind == "persistentVolumeClaim":
            path, read_only = claim.resolve(source, self._context)
            self._own(path, read_only=read_only, policy=self._context.change_policy)
            return SetUp(path, read_only)
        if kind not in _KINDS:
            raise VolumeProblem(f"volumes of kind {kind} need a cluster or a driver, which is not here")
        folder_name, make = _KINDS[kind]
        folder = self._folder / f"kubernetes.io~{folder_name}" / name
        folder.mkdir(parents=True, exist_ok=True)
        try:
            read_only = make(folder, source, self._context, now)
        except (VolumeProblem, OSError):
            remove_tree(folder)
            raise
        self._own(folder, read_only=read_only, policy="Always")
        return SetUp(folder, read_only)

    def _host_path(self, name: str, source: Mapping[str, Any]) -> Path:
        paths = self._context.host_paths
        if self._is_bidirectional(name):
            # What such a container mounts is to appear on the node, for which it has to be privileged: it
            # gets the path itself, since a bound one could be unmounted only there and here alike.
            os.close(paths.open(str(source.get("path") or ""), str(source.get("type") or "")))
            return Path(os.path.realpath(source["path"]))
        target = self._folder / host_path.FOLDER / name
        try:
            return host_path.bind_host_path(source, paths, target)
        except (VolumeProblem, OSError):
            remove_tree(target)
            raise

    def _is_bidirectional(self, name: str) -> bool:
        containers = visit_mappings(self._context.pod.get("spec") or {})
        return any(
            mount.get("name") == name and mount.get("mountPropagation") == "Bidirectional"
            for _, container, _ in containers
            for mount in container.get("volumeMounts") or ()
        )

    def _own(self, path: Path, *, read_only: bool, policy: str) -> None:
        group = self._context.fs_group
        if group is not None:
            set_group(path, group, read_only=read_only, on_root_mismatch=policy == "OnRootMismatch")
