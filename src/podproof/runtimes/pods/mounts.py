"""A container's mounts: its volumeMounts over the pod's volumes, then the kubelet's own files.

Source: kubernetes pkg/kubelet/kubelet_pods.go, makeMounts.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from ...kubelet.environment import ConfigProblem, expand_sub_path
from ..engine import Mount
from .volumes import Volumes
from .volumes.sub_path import SubPathProblem, bind_sub_path

__all__ = ["volume_mounts"]

_PROPAGATION: dict[str, Literal["PRIVATE", "HOST_TO_CONTAINER", "BIDIRECTIONAL"]] = {
    "HostToContainer": "HOST_TO_CONTAINER",
    "Bidirectional": "BIDIRECTIONAL",
}


def volume_mounts(
    container: Mapping[str, Any],
    volumes: Volumes,
    variables: Mapping[str, str],
    *,
    folder: Path,
    recursive_read_only: bool,
) -> list[Mount]:
    """Build the mounts in the spec's order; pieces of volumes are bound below `folder`.

    Raises ConfigProblem: a volume is missing, a subPath leaves it, or the runtime cannot do what is asked.
    """
    mounts = []
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        name = str(mount.get("name"))
        volume = volumes.find(name)
        if volume is None:
            raise ConfigProblem(
                f'cannot find volume "{name}" to mount into container "{container.get("name")}"'
            )
        path = volume.path
        sub_path = mount.get("subPath") or ""
        if mount.get("subPathExpr"):
            sub_path = expand_sub_path(mount["subPathExpr"], variables)
        if sub_path:
            path = folder / name / str(container.get("name")) / str(index)
            _bind(volume.path, sub_path, path, name)
        target = mount.get("mountPath") or ""
        mounts.append(
            Mount(
                container_path=target if target.startswith("/") else f"/{target}",
                host_path=str(path),
                read_only=mount.get("readOnly") is True or volume.read_only,
                recursive_read_only=_recursive(mount, recursive_read_only),
                propagation=_PROPAGATION.get(mount.get("mountPropagation") or "", "PRIVATE"),
            )
        )
    return mounts


def _bind(volume: Path, sub_path: str, target: Path, name: str) -> None:
    try:
        # An earlier attempt's bind stays: it is the same piece.
        if not target.exists() or not target.is_mount():
            bind_sub_path(volume, sub_path, target)
    except (SubPathProblem, OSError) as error:
        raise ConfigProblem(f'failed to prepare subPath for volumeMount "{name}": {error}') from error


def _recursive(mount: Mapping[str, Any], supported: bool) -> bool:
    mode = mount.get("recursiveReadOnly") or "Disabled"
    if mode == "Disabled" or mount.get("readOnly") is not True:
        return False
    if mode == "Enabled" and not supported:
        raise ConfigProblem(
            f'failed to resolve recursive read-only mode: volume "{mount.get("name")}" requested recursive '
            "read-only mode, but it is not supported by the runtime"
        )
    return supported
