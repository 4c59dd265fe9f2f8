"""The root file system: read-only or not, and what stays writable when it is."""

from .container_in_pod import ContainerInPod
from .image import has_group
from .users import ProcessUser
from .value import Field, Origin, Unknown
from .volumes import claimed, is_mounted_read_only

__all__ = ["resolve_read_only_root", "resolve_writable"]

_NOT_SET = Field(False, Origin("kubernetes", (), "not set"))

_MESSAGE = "/dev/termination-log"
"""Source: k8s.io/api core/v1 types.go, TerminationMessagePathDefault."""

_WRITABLE = Origin("kubernetes", (), "the root file system is writable")


def resolve_read_only_root(placed: ContainerInPod) -> Field[bool]:
    """Take the container's own word; privileged does not change it."""
    if placed.context.read_only_root_filesystem is None:
        return _NOT_SET
    return Field(placed.context.read_only_root_filesystem, placed.in_container("readOnlyRootFilesystem"))


def resolve_writable(placed: ContainerInPod, user: ProcessUser) -> Field[tuple[str, ...]]:
    """List where the mounts let this process write; file permissions may still stop it.

    Under a read-only root /dev/shm and the termination log stay writable, for root also /dev and /etc/hosts.
    A log at a place of its own is a mount that is told of under a writable root too.
    Recorded on containerd 1.6.20 and 2.3.7. Root may also write the group file that cri-o mounts.
    Source: cri-o server/container_create.go, utils/utils.go.
    """
    uid = user.uid
    mounts = _writable_mounts(placed)
    message = placed.container.termination_message_path or _MESSAGE
    if not placed.context.read_only_root_filesystem:
        own = () if message == _MESSAGE else (message,)
        return Field(("/", *mounts, *own), _WRITABLE)
    paths = ["/dev/shm", message]
    if uid.value == 0:
        paths += ["/dev", "/etc/hosts"]
        if placed.setting.runtime.adds_groups and user.gid.value != 0:
            group = placed.image.group if placed.image else None
            if group is None or isinstance(user.gid.value, Unknown):
                return Field(
                    Unknown("depends on the image's group file"), placed.by_runtime("mounts a group file")
                )
            if group and not has_group(group, user.gid.value):
                paths.append("/etc/group")
    origin = placed.in_container("readOnlyRootFilesystem", text="stays writable under a read-only root")
    if isinstance(uid.value, Unknown):
        return Field(Unknown(f"depends on the user: {uid.value.reason}"), origin)
    return Field(tuple(sorted({*paths, *mounts})), origin)


def _writable_mounts(placed: ContainerInPod) -> tuple[str, ...]:
    if not placed.container.volume_mounts:
        return ()
    sealed = {
        volume.name
        for volume in placed.spec.volumes or ()
        if is_mounted_read_only(volume, claimed(placed, volume))
    }
    return tuple(
        mount.mount_path
        for mount in placed.container.volume_mounts
        if mount.mount_path and not mount.read_only and mount.name not in sealed
    )
