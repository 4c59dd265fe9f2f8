"""fsGroup, and what each volume is for the container's process: whose, in which mode, who may write.

A container in its pod comes in; for every volume, what Kubernetes makes of it and what its process may do
with it goes out. What lies on a node or behind a driver is Unknown, never guessed.
"""

from functools import lru_cache

import msgspec

from ..kube.pod import EmptyDirVolumeSource, Volume
from ..kube.storage import ClaimedVolume, Storage
from .access import READ, WRITE, Process, all_of, may
from .container_in_pod import ContainerInPod
from .context import CapabilitySets, VolumeFile, VolumeOwnership
from .file_modes import OTHERS, find_files, octal, refused_mode, token_user
from .users import MAX_ID, ProcessUser, refuse_id
from .value import Field, Origin, Unknown

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

_NEVER = frozenset(("host_path", "nfs", "image"))
"""Source: kubernetes pkg/volume, SetUp of each plugin; spec §1.7."""

_LOCAL = frozenset(("local", "iscsi", "fc"))
"""Sources whose plugin applies fsGroup, unless they are read-only. Source: the same."""

_NAMES = {
    "aws_elastic_block_store": "awsElasticBlockStore", "downward_api": "downwardAPI", "scale_io": "scaleIO",
}  # fmt: skip

_PLACES = {
    "nfs": "on its server", "image": "in the image", "csi": "in its storage", "iscsi": "on its disk",
    "fc": "on its disk",
}  # fmt: skip

_FOLDER = 0o777
_STICKY = 0o1000  # a tmpfs of the kernel's own has it: emptyDir in memory, and all but configMaps
_SET_GROUP = 0o2000
_OF_GROUP = _SET_GROUP | 0o770  # what fsGroup adds to a folder that can be written
_ANYONE = 0o007

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
    known = _VolumeFacts(
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
    if source in _NEVER:
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


class _VolumeFacts(msgspec.Struct, frozen=True):
    """What is the same for every kind of volume, and the words that are made of it."""

    name: str
    source: str
    group: int | None
    changed: bool | Unknown | None
    paths: tuple[str, ...]
    read_only: bool
    on_mismatch: bool
    process: Process

    def written(self, volume: Volume, user: int | None) -> VolumeOwnership:
        """Describe a volume whose files Kubernetes writes."""
        files = tuple(
            msgspec.structs.replace(
                file, readable=self._may(READ, int(file.mode, 8), file.owner) if self.paths else None
            )
            for file in find_files(volume, self.group, user)
        )
        sticky = 0 if volume.config_map is not None else _STICKY
        words = "; ".join(self._words(file, alone=len(files) == 1) for file in files) or "no file"
        refused = refused_mode(volume)
        if refused is not None:
            words = f"not known: the API server refuses mode {refused}, which is more than 0777 (511)"
        return self._made(
            f"{words}{self._rights_to(files)}",
            mode=octal(_FOLDER | sticky | (_SET_GROUP if self.group is not None else 0)),
            files=files,
            readable=all_of(file.readable for file in files),
            writable=False,
        )

    def _words(self, file: VolumeFile, *, alone: bool) -> str:
        mode = int(file.mode, 8)
        owner = file.owner or "root"
        group = "root" if self.group is None else str(self.group)
        if mode & 0o004:
            who = "anyone may read" if self.group is None else f"group {group} and anyone may read"
        elif mode & 0o040:
            who = f"group {group} may read"
        else:
            who = f"{owner} alone may read"
        which = file.path if file.path != OTHERS else "files" if alone else "other files"
        added = f" ({file.asked}, and fsGroup adds group read)" if file.asked != file.mode else ""
        return f"{who}, not write: {which} {owner}:{group} {file.mode}{added}"

    def _rights_to(self, files: tuple[VolumeFile, ...]) -> str:
        if not self.paths:
            return ""
        refused = [file for file in files if file.readable is False]
        unknown = next((file.readable for file in files if isinstance(file.readable, Unknown)), None)
        if refused and len(refused) == len(files):
            return "; this process may not read it" if len(files) == 1 else "; this process may read none"
        if refused:
            return f"; this process may not read {', '.join(file.path for file in refused)}"
        return f"; whether this process may read {unknown.reason}" if unknown is not None else ""

    def empty_dir(self, source: EmptyDirVolumeSource) -> VolumeOwnership:
        """Describe an emptyDir, which anyone may write unless it has a mode; fsGroup adds to that."""
        mode = _empty_dir_mode(source)
        if self.group is not None:
            mode |= _OF_GROUP
        group = "root" if self.group is None else str(self.group)
        who = "anyone" if self.group is None else f"group {group} and anyone"
        if mode & _ANYONE != _ANYONE:
            who = "who its mode lets in" if self.group is None else f"group {group}"
        return self._made(
            f"{who} {self._rights}: folder root:{group} {octal(mode)}{self._new_files}",
            mode=octal(mode),
            readable=self._may(READ, mode, 0),
            writable=False if self.read_only else self._may(WRITE, mode, 0),
        )

    @property
    def _closed(self) -> bool:
        return bool(self.paths) and self.read_only

    @property
    def _rights(self) -> str:
        return (
            "may read, not write, as it is mounted read-only here" if self._closed else "may read and write"
        )

    @property
    def _new_files(self) -> str:
        return "" if self.group is None or self._closed else f", new files get group {self.group}"

    @property
    def _if_it_differs(self) -> str:
        return "; nothing is changed if its top folder has this group and mode" if self.on_mismatch else ""

    def elsewhere(self, volume: Volume, behind: ClaimedVolume | None) -> VolumeOwnership:
        """Describe what lies on the node, in an image, or behind a driver."""
        changed, made = self.changed, _made_where_absent(volume)
        named = f"{behind.where} ({behind.source})" if behind is not None and behind.where else ""
        rights: bool | Unknown = Unknown("depends on the owners and modes of its files")
        if changed is True:
            text = f"group {self.group} {self._rights}{self._new_files}{self._if_it_differs}"
            rights = True
        elif isinstance(changed, Unknown):
            text = f"not known: {changed.reason}"
        elif changed is False or self.source in _NEVER:
            text = f"never changed: keeps the owner it has {_place(self.source, behind)}"
        else:
            text = "nothing is changed: the owner that its driver gives it"
        if self.process.overrides and self.source in ("host_path", "image"):
            rights = True
        closed = ", mounted read-only here" if self._closed and changed is not True else ""
        return self._made(
            f"{named}{': ' if named else ''}{text}{made}{closed}",
            readable=rights,
            writable=False if self.read_only else rights,
            behind=named,
        )

    def block_device(self, path: str, behind: ClaimedVolume | None) -> VolumeOwnership:
        """Describe a claim that the container has as a device, which has no files to change."""
        whose = "the runtime decides whose it is"
        fs_group = "" if self.group is None else ", not fsGroup"
        named = f"{behind.where} ({behind.source})" if behind is not None and behind.where else ""
        text = f"block device at {path}: {whose}{fs_group}"
        return msgspec.structs.replace(
            self._made(f"{named}{': ' if named else ''}{text}", readable=None, writable=None, behind=named),
            group=None,
            changed=None if self.group is None else False,
        )

    def _may(self, right: int, mode: int, owner: int) -> bool | Unknown:
        return may(self.process, right, mode, owner, self.group or 0)

    def _made(
        self,
        text: str,
        *,
        mode: str | None = None,
        files: tuple[VolumeFile, ...] = (),
        readable: bool | Unknown | None,
        writable: bool | Unknown | None,
        behind: str = "",
    ) -> VolumeOwnership:
        words = self.source.split("_")
        source = _NAMES.get(self.source, words[0] + "".join(word.capitalize() for word in words[1:]))
        return VolumeOwnership(
            name=self.name,
            source=source,
            group=self.group if self.changed is True else None,
            text=text,
            changed=self.changed,
            paths=self.paths,
            mode=mode,
            files=files,
            readable=readable if self.paths else None,
            writable=writable if self.paths else None,
            behind=behind,
        )


def _empty_dir_mode(source: EmptyDirVolumeSource) -> int:
    """Give the mode of the folder; what is mounted on it has one of its own, whatever was asked for.

    Source: pkg/volume/emptydir, setupDir and setupTmpfs; linux mm/shmem.c and fs/hugetlbfs/inode.c.
    """
    if source.medium == "Memory":
        return _FOLDER | _STICKY
    if (source.medium or "").startswith("HugePages"):
        return 0o755
    return _FOLDER if source.mode is None else source.mode & (_FOLDER | _STICKY)


def _made_where_absent(volume: Volume) -> str:
    """Say what the kubelet makes of a hostPath that is absent. Source: pkg/volume/hostpath, checkType."""
    if volume.host_path is None:
        return ""
    kinds = {"DirectoryOrCreate": "folder root:root 0755", "FileOrCreate": "file root:root 0644"}
    kind = kinds.get(volume.host_path.type or "")
    return f"; where it does not exist, a {kind} is made" if kind else ""


def _place(source: str, behind: ClaimedVolume | None) -> str:
    kind = behind.source if behind is not None else source
    return _PLACES.get(kind, "on the node")
