"""What may stop the runtime from mounting a container's volumes: mount points, and file systems of volumes.

A container in its pod comes in; what is known to fail, or is not known, goes out with the mount's place.
Nothing is mounted or looked up here.
Source: runc libcontainer/rootfs_linux.go, createMountpoint; mount_linux.go, MOUNT_ATTR_IDMAP; kubernetes
pkg/volume/util/nested_volumes.go; kubernetes.io, User Namespaces.
"""

import msgspec

from ..effective.container_in_pod import ContainerInPod
from ..effective.value import Unknown
from ..effective.volumes import claimed, is_mounted_read_only, name_volume_source
from ..kube.pod import Volume, VolumeMount

__all__ = ["MountProblem", "find_nested_mount", "find_unmappable_mount"]

_KUBELET_MAKES = frozenset(("secret", "config_map", "downward_api", "projected"))
"""Volumes in which the kubelet itself makes the mount points of others."""

_NOT_MAPPED = frozenset(("nfs", "azureFile"))
"""On NFS or SMB, neither of which has idmapped mounts. Source: mount_setattr(2); linux fs/nfs, fs/smb."""

_NOT_MAPPED_DRIVERS = frozenset(
    (
        "nfs.csi.k8s.io",
        "smb.csi.k8s.io",
        "file.csi.azure.com",
        "efs.csi.aws.com",
        "filestore.csi.storage.gke.io",
        "fsx.openzfs.csi.aws.com",
        "nfs.csi.ceph.com",
        "nfs.manila.csi.openstack.org",
    )
)
"""CSI drivers whose volumes are NFS or SMB shares. Source: the documentation of each."""

_MAPPED = frozenset(
    ("empty_dir", "secret", "config_map", "downward_api", "projected", "git_repo", "image", "iscsi", "fc")
)
"""Volumes on the node's own disk, in memory, or on a disk of their own: all can be mapped.

Huge pages are apart: only newer kernels map them. Source: mount_setattr(2); linux fs/hugetlbfs.
"""

_KERNEL = ("/proc", "/sys", "/dev")
"""File systems of the kernel's own, of which none can be mapped."""


class MountProblem(msgspec.Struct, frozen=True, gc=False):
    """A mount that fails (`unknown` None) or may fail; `index` is its place among the container's mounts."""

    index: int
    path: str
    unknown: Unknown | None = None


def find_nested_mount(placed: ContainerInPod) -> MountProblem | None:
    """Find a mount whose mount point lies in another one, and may be missing there or of the wrong kind.

    The runtime makes mount points that do not exist, which a read-only mount does not let it do. In secrets
    and their like the kubelet makes them, always as folders, on which no file can be mounted.
    """
    mounts = placed.container.volume_mounts
    if mounts is None or len(mounts) < 2:
        return None
    paths = [_clean(mount.mount_path or "") for mount in mounts]
    by_path = dict(zip(paths, mounts, strict=True))
    volumes = {volume.name: volume for volume in placed.spec.volumes or ()}
    for index, (path, mount) in enumerate(zip(paths, mounts, strict=True)):
        outer = _around(path, by_path)
        if outer is None:
            continue
        around = by_path[outer]
        inner = path[len(outer) :].lstrip("/")
        named = _named(around, volumes.get(around.name))
        if _has_folders_made(around, volumes.get(around.name)):
            if _may_be_file(mount):
                what = f'"{mount.sub_path or mount.sub_path_expr}" of volume "{mount.name}" is a folder'
                why = f"a file cannot be mounted at {path}, where the kubelet makes a folder in {named}"
                return MountProblem(index, path, Unknown(f"not known whether {what}; {why}"))
            continue
        if not _closed(placed, around, volumes.get(around.name)) or _is_part(mount, around, inner, volumes):
            continue
        kind = "file or folder" if _may_be_file(mount) else "folder"
        what = f"{named}, read-only at {outer}, has a {kind} {inner}"
        return MountProblem(index, path, Unknown(f"not known whether {what}"))
    return None


def _may_be_file(mount: VolumeMount) -> bool:
    return bool(mount.sub_path or mount.sub_path_expr)


def _has_folders_made(mount: VolumeMount, volume: Volume | None) -> bool:
    return volume is not None and name_volume_source(volume) in _KUBELET_MAKES and not _may_be_file(mount)


def _is_part(mount: VolumeMount, around: VolumeMount, inner: str, volumes: dict[str | None, Volume]) -> bool:
    """Say whether a mount shows what is at this place of the one around it anyway, so that it is there."""
    here, there = _source(mount, volumes.get(mount.name)), _source(around, volumes.get(around.name))
    return there is not None and here == (there[0], _clean(f"{there[1]}/{inner}"))


def _source(mount: VolumeMount, volume: Volume | None) -> tuple[str | None, str] | None:
    """Say what is mounted: "" for the node or the name of a volume, and the path in it; None: not known."""
    if mount.sub_path_expr:
        return None
    if volume is None or volume.host_path is None:
        return mount.name, _clean(mount.sub_path or "")
    return "", _clean(f"{volume.host_path.path}/{mount.sub_path or ''}")


def _named(mount: VolumeMount, volume: Volume | None) -> str:
    host_path = volume.host_path if volume is not None else None
    where = f" ({host_path.path} of the node)" if host_path is not None and not mount.sub_path else ""
    return f'volume "{mount.name}"{where}'


def _clean(path: str) -> str:
    """Write a path without `.`, `..`, doubled and final slashes."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def _around(path: str, by_path: dict[str, VolumeMount]) -> str | None:
    """Give the nearest path of a mount that encloses this one."""
    while path != "/":
        path = path.rpartition("/")[0] or "/"
        if path in by_path:
            return path
    return None


def _closed(placed: ContainerInPod, mount: VolumeMount, volume: Volume | None) -> bool:
    """Say whether nothing can be made in a mount; a volume that is not listed is a StatefulSet's claim."""
    if volume is None:
        return mount.read_only is True
    return mount.read_only is True or is_mounted_read_only(volume, claimed(placed, volume))


def find_unmappable_mount(placed: ContainerInPod) -> MountProblem | None:
    """Find a mount that a container in a user namespace cannot have, first what fails for certain.

    The kubelet asks for every mount to be mapped to the pod's users, and the file system has to support that.
    """
    if placed.spec.host_users is not False:
        return None
    volumes = {volume.name: volume for volume in placed.spec.volumes or ()}
    open_: MountProblem | None = None
    for index, mount in enumerate(placed.container.volume_mounts or ()):
        volume = volumes.get(mount.name)
        mapped = _unknown_system(mount.name) if volume is None else _can_be_mapped(placed, volume)
        if mapped is False:
            return MountProblem(index, mount.mount_path or "")
        if isinstance(mapped, Unknown) and open_ is None:
            open_ = MountProblem(index, mount.mount_path or "", mapped)
    return open_


def _can_be_mapped(placed: ContainerInPod, volume: Volume) -> bool | Unknown:
    source = name_volume_source(volume)
    if volume.empty_dir is not None and (volume.empty_dir.medium or "").startswith("HugePages"):
        return Unknown(
            f'not known whether the node can map the huge pages of volume "{volume.name}" to users'
        )
    if source in _MAPPED:
        return True
    if source in ("nfs", "azure_file"):
        return False
    if volume.host_path is not None:
        path = volume.host_path.path or ""
        if not any(path == kernel or path.startswith(f"{kernel}/") for kernel in _KERNEL):
            return True
        return Unknown(f"not known whether {path} of the node can be mapped to the users of a user namespace")
    behind = claimed(placed, volume)
    if behind is not None and (behind.source in _NOT_MAPPED or behind.driver in _NOT_MAPPED_DRIVERS):
        return False
    if behind is not None and behind.source in ("iscsi", "fc", "hostPath"):
        return True
    return _unknown_system(volume.name, behind.reason if behind is not None else "")


def _unknown_system(name: str | None, reason: str = "") -> Unknown:
    what = f'the file system of volume "{name}" has idmapped mounts, which hostUsers: false needs'
    return Unknown(f"not known whether {what}{': ' if reason else ''}{reason}")
