"""fsGroup, and what each volume is for the container's process: whose, in which mode, who may write.

A container in its pod comes in; for every volume, what Kubernetes makes of it and what its process may do
with it goes out. What lies on a node or behind a driver is Unknown, never guessed.
"""

from functools import lru_cache

from ..kube.pod import EmptyDirVolumeSource, Volume
from ..kube.storage import ClaimedVolume, Storage
from .access import Process
from .container_in_pod import ContainerInPod
from .context import CapabilitySets, VolumeOwnership
from .file_modes import token_user
from .users import MAX_ID, ProcessUser, refuse_id
from .value import Field, Origin, Unknown
from .volume_ownership import NEVER_CHANGED, VolumeFacts

__all__ = [
    "TOKEN_PATH",
    "claimed",
    "is_mounted_read_only",
    "name_volume_source",
    "resolve_fs_group",
    "resolve_volumes",
]

_WRITTEN = frozenset(("secret", "config_map", "downward_api", "projected"))
"""Kubernetes writes the files of these, and mounts them read-only since 1.10."""


_LOCAL = frozenset(("local", "iscsi", "fc"))
"""Sources whose plugin applies fsGroup, unless they are read-only. Source: the same."""


_NO_GROUP: Field[int | None] = Field(None, Origin("kubernetes", (), "not set"))
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where the API server has the token of the service account mounted, which no fsGroup is written for.

Source: kubernetes plugin/pkg/admission/serviceaccount/admission.go, DefaultAPITokenMountPath.
"""

_IDLE = "a group of its processes, but no volume that it mounts is changed"
_UNCHANGED = Origin("kubernetes", (), "fsGroup is not set")


def resolve_fs_group(
    placed: ContainerInPod, volumes: Field[tuple[VolumeOwnership, ...]] | None = None
) -> Field[int | None]:
    """Take the pod's fsGroup; it is also a supplementary group of every process.

    Where the container's `volumes` are given, the origin tells whether it changes none of them.
    """
    if placed.pod_context.fs_group is None:
        return _NO_GROUP
    group = placed.pod_context.fs_group
    if not 0 <= group <= MAX_ID:
        return Field(refuse_id(group, "fsGroup"), placed.in_pod("fsGroup"))
    listed = None if volumes is None else volumes.value
    mounted = [volume for volume in listed if volume.paths] if isinstance(listed, tuple) else []
    changed = [volume.changed for volume in mounted if volume.paths != (TOKEN_PATH,)]
    idle = bool(changed) and all(value is False for value in changed)
    return Field(group, placed.in_pod("fsGroup", text=_IDLE if idle else ""))


@lru_cache(maxsize=1024)
def name_volume_source(volume: Volume) -> str:
    """Name the volume's source as the struct does (`host_path`); a volume without one is an emptyDir."""
    for name in volume.__struct_fields__:
        if name != "name" and getattr(volume, name) is not None:
            return name
    return "empty_dir"


def resolve_volumes(
    placed: ContainerInPod, user: ProcessUser, capabilities: CapabilitySets
) -> Field[tuple[VolumeOwnership, ...]]:
    """Say for every volume of the pod whose it is, and what the container's process may do with it."""
    group = placed.pod_context.fs_group
    if group is not None and not 0 <= group <= MAX_ID:
        return Field(refuse_id(group, "fsGroup"), placed.in_pod("fsGroup"))
    volumes = placed.spec.volumes
    if not volumes:
        return Field((), placed.in_pod("fsGroup") if group is not None else _UNCHANGED)
    owner, process = token_user(placed.spec), _process(placed, user, capabilities)
    ownerships = tuple(_ownership(placed, volume, group, owner, process) for volume in volumes)
    return Field(ownerships, placed.in_pod("fsGroup") if group is not None else _UNCHANGED)


def _process(placed: ContainerInPod, user: ProcessUser, capabilities: CapabilitySets) -> Process:
    context = placed.pod_context
    sure = {*(context.supplemental_groups or ())}
    for group in (context.fs_group, user.gid.value):
        if isinstance(group, int):
            sure.add(group)
    return Process(user.uid.value, user.groups.value, capabilities.effective.value, frozenset(sure))


def claimed(placed: ContainerInPod, volume: Volume) -> ClaimedVolume | None:
    """Find what lies behind a claim, or behind the driver that a volume names; None for other kinds."""
    return _claimed(placed.setting.storage, _namespace(placed), volume)


def _namespace(placed: ContainerInPod) -> str:
    metadata = placed.pod.metadata
    return (metadata.namespace if metadata is not None else None) or "default"


def _claimed(storage: Storage, namespace: str, volume: Volume) -> ClaimedVolume | None:
    if volume.persistent_volume_claim is not None:
        return storage.find(namespace, volume.persistent_volume_claim.claim_name or "")
    if volume.ephemeral is not None:
        template = volume.ephemeral.volume_claim_template
        if template is None or template.spec is None:
            return ClaimedVolume(reason="the claim's template is empty")
        return storage.provisioned(template.spec, "its claim")
    if volume.csi is None:
        return None
    return ClaimedVolume(
        source="csi",
        driver=volume.csi.driver or "",
        fs_type=volume.csi.fs_type or "",
        # the kubelet mounts a driver's volumes of the pod itself as ReadWriteOnce
        access_modes=("ReadWriteOnce",),
        read_only=volume.csi.read_only is True,
    )


def is_mounted_read_only(volume: Volume, behind: ClaimedVolume | None) -> bool:
    """Say whether a volume is read-only whatever its mounts say."""
    if name_volume_source(volume) in _WRITTEN or volume.image is not None:
        return True
    sources = (volume.nfs, volume.iscsi, volume.fc, volume.persistent_volume_claim, volume.csi)
    if any(source is not None and source.read_only is True for source in sources):
        return True
    return behind is not None and behind.read_only


def _ownership(
    placed: ContainerInPod, volume: Volume, group: int | None, user: int | None, process: Process
) -> VolumeOwnership:
    source = name_volume_source(volume)
    behind = claimed(placed, volume)
    devices = [device for device in placed.container.volume_devices or () if device.name == volume.name]
    mounts = [mount for mount in placed.container.volume_mounts or () if mount.name == volume.name]
    read_only = is_mounted_read_only(volume, behind) or all(mount.read_only for mount in mounts)
    known = VolumeFacts(
        name=volume.name or "",
        source=source,
        group=group,
        changed=None if group is None else _changed(volume, behind, placed.setting.storage),
        paths=tuple(mount.mount_path or "" for mount in mounts),
        read_only=read_only,
        on_mismatch=placed.pod_context.fs_group_change_policy == "OnRootMismatch",
        process=process,
    )
    if source in _WRITTEN:
        return known.written(volume, user)
    if source == "empty_dir":
        return known.empty_dir(volume.empty_dir or EmptyDirVolumeSource())
    if devices:
        return known.block_device(devices[0].device_path or "", behind)
    return known.elsewhere(volume, behind)


def _changed(volume: Volume, behind: ClaimedVolume | None, storage: Storage) -> bool | Unknown:
    """Say whether the kubelet gives fsGroup to a volume's files."""
    source = name_volume_source(volume)
    if source in _WRITTEN or source in ("empty_dir", "git_repo"):
        return True
    if source in NEVER_CHANGED:
        return False
    if source in ("iscsi", "fc"):
        return not is_mounted_read_only(volume, behind)
    if behind is None:
        return Unknown("the driver decides whether fsGroup applies")
    if behind.source in ("nfs", "hostPath"):
        return False
    if behind.source in _LOCAL:
        return not is_mounted_read_only(volume, behind)
    if behind.source != "csi":
        return Unknown(behind.reason or "the driver decides whether fsGroup applies")
    return _by_csi(behind, storage.fs_group_policy(behind.driver), is_mounted_read_only(volume, behind))


def _by_csi(behind: ClaimedVolume, policy: str | None, read_only: bool) -> bool | Unknown:
    """Decide by the driver's fsGroupPolicy.

    A driver that mounts for a group by itself (VOLUME_MOUNT_GROUP) does so where the kubelet does nothing.
    Source: kubernetes pkg/volume/csi/csi_mounter.go, SetUpAt and supportsFSGroup.
    """
    if policy == "None" or read_only:
        return False
    if policy is None:
        return Unknown(f"fsGroupPolicy of CSIDriver {behind.driver} decides, and it is not in the input")
    if behind.attached_read_only:
        return Unknown(f"{behind.where} is attached read-only, and {behind.driver} decides what that means")
    if policy == "File":
        return True
    if behind.fs_type is None:
        return Unknown(f"{behind.where} does not say the file system, which {behind.driver} chooses")
    if behind.fs_type and any(mode in ("ReadWriteOnce", "ReadWriteOncePod") for mode in behind.access_modes):
        return True
    lacks = "ReadWriteOnce" if behind.fs_type else "an fsType"
    driver = f"whether driver {behind.driver} does so by itself is not known"
    return Unknown(f"the kubelet changes no volume without {lacks}, and {driver}")
