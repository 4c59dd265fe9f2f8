"""Where a container sees the node's file system, and which container runtimes' sockets lie below a path.

A container in its pod comes in, its hostPath mounts go out. Paths of nodes are compared as texts: no node is
looked at.
"""

import posixpath
from functools import lru_cache

import msgspec

from ..effective.container_in_pod import ContainerInPod
from ..kube.pod import VolumeMount

__all__ = ["HostMount", "host_mounts", "sockets_below"]

_SOCKETS = (
    ("/run/containerd/containerd.sock", "containerd"),
    ("/run/crio/crio.sock", "CRI-O"),
    ("/run/docker.sock", "Docker"),
    ("/run/cri-dockerd.sock", "cri-dockerd"),
    ("/run/dockershim.sock", "dockershim"),
    ("/run/docker/containerd/containerd.sock", "Docker's containerd"),
    ("/run/k3s/containerd/containerd.sock", "K3s' containerd"),
    ("/run/podman/podman.sock", "Podman"),
)
"""Source: kubernetes.io "Container Runtimes" (the first four); the defaults of the other projects."""


class HostMount(msgspec.Struct, frozen=True, gc=False):
    """One mount of a hostPath: its index in volumeMounts, its volume's in volumes, and the path on the node.

    `type` is the hostPath's, "" for none.
    """

    index: int
    volume: int
    mount: VolumeMount
    path: str
    type: str


def host_mounts(placed: ContainerInPod) -> list[HostMount]:
    """List the container's mounts of the node's paths; those whose subPathExpr decides are not known."""
    mounts_of_node: list[HostMount] = []
    mounts = placed.container.volume_mounts
    if not mounts:
        return mounts_of_node
    paths = {
        volume.name: (number, volume.host_path)
        for number, volume in enumerate(placed.spec.volumes or ())
        if volume.host_path is not None
    }
    if not paths:
        return mounts_of_node
    for index, mount in enumerate(mounts):
        if mount.name not in paths or mount.sub_path_expr:
            continue
        number, host = paths[mount.name]
        path = _joined(host.path or "/", mount.sub_path or "")
        mounts_of_node.append(HostMount(index, number, mount, path, host.type or ""))
    return mounts_of_node


@lru_cache(maxsize=1024)
def _joined(path: str, sub_path: str) -> str:
    return posixpath.normpath(posixpath.join(path, sub_path))


@lru_cache(maxsize=1024)
def sockets_below(path: str) -> tuple[str, ...]:
    """Name the runtimes whose socket is at the path or below it. /var/run is a link to /run."""
    if path == "/var/run" or path.startswith("/var/run/"):
        path = path.removeprefix("/var")
    inside = path.rstrip("/") + "/"
    return tuple(name for socket, name in _SOCKETS if socket == path or socket.startswith(inside))
