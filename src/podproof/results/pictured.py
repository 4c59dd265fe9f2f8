"""What a picture of a pod shows: its containers, its volumes, who reads and writes what, and what leaves it.

A typed pod and the effective values of its containers come in, plain values go out. Nothing is laid out here.
"""

from collections.abc import Iterable, Iterator

import msgspec

from ..effective.container_in_pod import ContainerInPod
from ..effective.context import EffectiveSecurityContext, VolumeOwnership
from ..effective.value import Unknown, known
from ..kube.pod import Pod, PodSpec, Volume

__all__ = [
    "PicturedContainer",
    "PicturedMount",
    "PicturedPod",
    "PicturedPort",
    "PicturedVolume",
    "picture_of",
]

_OUTSIDE = frozenset(
    ("persistentVolumeClaim", "nfs", "iscsi", "cephfs", "rbd", "glusterfs", "csi", "ephemeral", "fc")
)
"""Volumes whose content outlives the pod or lies on other machines."""


class PicturedPort(msgspec.Struct, frozen=True):
    """A port that a container says it listens on; `on_node` is the node's, None where there is none."""

    port: int | None
    on_node: int | None
    protocol: str


class PicturedMount(msgspec.Struct, frozen=True):
    """A volume at a path of a container; the rights are None where they are not known."""

    container: str
    path: str
    reads: bool | None
    writes: bool | None


class PicturedVolume(msgspec.Struct, frozen=True):
    """A volume: `place` is pod, node or elsewhere; `detail` is a path, or the name of what it is made of."""

    name: str
    source: str
    detail: str
    place: str
    mounts: tuple[PicturedMount, ...]


class PicturedContainer(msgspec.Struct, frozen=True):
    """A container, with what is dangerous about it in a few words each."""

    name: str
    kind: str
    image: str
    dangers: tuple[str, ...]
    ports: tuple[PicturedPort, ...]


class PicturedPod(msgspec.Struct, frozen=True):
    """A pod. `host` are the namespaces of the node that it uses; `account` is whose token its containers get.

    `account` is "" where the pod asks for none.
    """

    containers: tuple[PicturedContainer, ...]
    volumes: tuple[PicturedVolume, ...]
    host: tuple[str, ...]
    account: str


def picture_of(
    pod: Pod, containers: Iterable[tuple[ContainerInPod, EffectiveSecurityContext]]
) -> PicturedPod:
    """Take from a pod and its containers what a picture shows."""
    spec = pod.spec or PodSpec()
    placed = tuple(containers)
    flags = (("network", spec.host_network), ("PID", spec.host_pid), ("IPC", spec.host_ipc))
    mounts: dict[str, list[PicturedMount]] = {}
    sources: dict[str, str] = {}
    for one, context in placed:
        for volume in _owned(context):
            sources[volume.name] = volume.source
            for path in volume.paths:
                reads, writes = _known(volume.readable), _known(volume.writable)
                mount = PicturedMount(one.container.name or "", path, reads, writes)
                mounts.setdefault(volume.name, []).append(mount)
    return PicturedPod(
        containers=tuple(_container(one, context, bool(spec.host_network)) for one, context in placed),
        volumes=tuple(
            _volume(
                volume, sources.get(volume.name or "", "volume"), tuple(mounts.get(volume.name or "", ()))
            )
            for volume in spec.volumes or ()
        ),
        host=tuple(name for name, value in flags if value),
        account=""
        if spec.automount_service_account_token is False
        else spec.service_account_name or "default",
    )


def _owned(context: EffectiveSecurityContext) -> tuple[VolumeOwnership, ...]:
    value = context.volumes.value
    return () if isinstance(value, Unknown) else value


def _known(right: bool | Unknown | None) -> bool | None:
    return None if isinstance(right, Unknown) else right


def _volume(volume: Volume, source: str, mounts: tuple[PicturedMount, ...]) -> PicturedVolume:
    place = "node" if source == "hostPath" else "elsewhere" if source in _OUTSIDE else "pod"
    return PicturedVolume(volume.name or "", source, _detail(volume), place, mounts)


def _detail(volume: Volume) -> str:
    if volume.host_path is not None:
        return volume.host_path.path or ""
    if volume.persistent_volume_claim is not None:
        return volume.persistent_volume_claim.claim_name or ""
    return ""


def _container(
    placed: ContainerInPod, context: EffectiveSecurityContext, host_network: bool
) -> PicturedContainer:
    container = placed.container
    ports = tuple(
        PicturedPort(
            port.container_port,
            port.host_port or (port.container_port if host_network else None),
            port.protocol or "TCP",
        )
        for port in container.ports or ()
    )
    return PicturedContainer(
        container.name or "", placed.kind, container.image or "", tuple(_dangers(context)), ports
    )


def _dangers(context: EffectiveSecurityContext) -> Iterator[str]:
    if context.privileged.value is True:
        yield "privileged"
    if context.uid.value == 0:
        yield "root"
    elif isinstance(context.uid.value, Unknown):
        yield "may be root"
    if context.seccomp.value == "Unconfined":
        yield "no seccomp"
    held = known(context.capabilities.effective.value) or ()
    if context.privileged.value is not True and "SYS_ADMIN" in held:
        yield "SYS_ADMIN"
