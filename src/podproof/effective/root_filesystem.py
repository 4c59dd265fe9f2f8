"""The root file system: read-only or not, and what stays writable when it is."""

from .subject import Subject
from .value import Field, Origin, Unknown

__all__ = ["resolve_read_only_root", "resolve_writable"]

_READ_ONLY_SOURCES = ("secret", "config_map", "downward_api", "projected", "image")
"""Volumes that are mounted read-only whatever the mount says. Source: kubelet, since 1.10; image volumes."""


def resolve_read_only_root(subject: Subject) -> Field[bool]:
    """Take the container's own word; privileged does not change it."""
    if subject.context.read_only_root_filesystem is None:
        return Field(False, Origin("kubernetes", (), "not set"))
    return Field(subject.context.read_only_root_filesystem, subject.in_container("readOnlyRootFilesystem"))


def resolve_writable(subject: Subject, uid: Field[int]) -> Field[tuple[str, ...]]:
    """List where the mounts let this process write; file permissions may still stop it.

    Under a read-only root /dev/shm and the termination log stay writable, for root also /dev and /etc/hosts.
    Recorded on containerd 1.6.20 and 2.3.7.
    """
    mounts = _writable_mounts(subject)
    if not subject.context.read_only_root_filesystem:
        return Field(("/", *mounts), Origin("kubernetes", (), "the root file system is writable"))
    paths = ["/dev/shm", "/dev/termination-log"]
    if uid.value == 0:
        paths += ["/dev", "/etc/hosts"]
    origin = subject.in_container("readOnlyRootFilesystem", text="stays writable under a read-only root")
    if isinstance(uid.value, Unknown):
        return Field(Unknown(f"depends on the user: {uid.value.reason}"), origin)
    return Field(tuple(sorted({*paths, *mounts})), origin)


def _writable_mounts(subject: Subject) -> tuple[str, ...]:
    sealed = {
        volume.name
        for volume in subject.spec.volumes or ()
        if any(getattr(volume, source) is not None for source in _READ_ONLY_SOURCES)
    }
    return tuple(
        mount.mount_path
        for mount in subject.container.volume_mounts or ()
        if mount.mount_path and not mount.read_only and mount.name not in sealed
    )
