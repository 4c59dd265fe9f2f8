"""What the files that a process sees tell: devices, owners of volumes, where it can write, and its labels.

Paths of a container are followed inside its own root: a link in an image may point anywhere, and must not
lead the observer out to the node's files.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from ...effective.context import VolumeFile, VolumeOwnership
from ...effective.value import Unknown
from ..mountinfo import MountPoint, visible
from ..safe_files import open_in_root

__all__ = [
    "FILTERED",
    "apparmor",
    "devices",
    "owner_of",
    "ownership",
    "selinux",
    "writable",
]

FILTERED = "Filtered"
"""A seccomp filter is there; which one no process can tell."""

_DEVICES = 512  # a privileged container sees some hundreds; nobody reads more

_FILES = 256  # a secret holds 1 MiB, a folder of the node may hold millions of files
_FILES_SAID = 8


def owner_of(root: Path, path: str) -> os.stat_result | None:
    """Give the stat of a container's path; None when it is not there or cannot be read."""
    opened = open_in_root(root, path)
    if opened is None:
        return None
    try:
        return os.fstat(opened)
    finally:
        os.close(opened)


def devices(root: Path) -> tuple[str, ...] | Unknown:
    """List the device files in /dev, and `/dev/ptmx` where it is a link to one; folders are not entered."""
    opened = open_in_root(root, "/dev", os.O_RDONLY | os.O_DIRECTORY)
    if opened is None:
        return Unknown("/dev could not be read")
    try:
        names = sorted(os.listdir(opened))[:_DEVICES]
    finally:
        os.close(opened)
    paths: list[str] = []
    for name in names:
        status = owner_of(root, f"/dev/{name}")
        if status is not None and (stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode)):
            paths.append(f"/dev/{name}")
    return tuple(paths)


def _same(outside: int) -> int:
    return outside


def ownership(
    root: Path,
    name: str,
    path: str,
    user: Callable[[int], int] = _same,
    group: Callable[[int], int] = _same,
) -> VolumeOwnership:
    """Say whose a volume is; its group only where the set-group-ID bit or the group's rights hand it on.

    `user` and `group` give the ids inside the process's user namespace for those outside.
    """
    status = owner_of(root, path)
    if status is None:
        return VolumeOwnership(name, path, None, "could not be read")
    words = f"{user(status.st_uid)}:{group(status.st_gid)} {stat.S_IMODE(status.st_mode):04o}"
    shared = status.st_mode & stat.S_ISGID or (
        not stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_IRGRP
    )
    mode, files = f"{stat.S_IMODE(status.st_mode):04o}", _files(root, path, user)
    words += "".join(f", {file.path} {file.owner} {file.mode}" for file in files[:_FILES_SAID])
    given = group(status.st_gid) if shared else None
    return VolumeOwnership(name, path, given, words, mode=mode, files=files)


def _files(root: Path, path: str, user: Callable[[int], int]) -> tuple[VolumeFile, ...]:
    """List the files right in a folder, by what their links lead to; the kubelet's own begin with `..`."""
    opened = open_in_root(root, path, os.O_RDONLY | os.O_DIRECTORY)
    if opened is None:
        return ()
    try:
        names = sorted(name for name in os.listdir(opened) if not name.startswith(".."))[:_FILES]
    finally:
        os.close(opened)
    files: list[VolumeFile] = []
    for name in names:
        status = owner_of(root, f"{path}/{name}")
        if status is not None and stat.S_ISREG(status.st_mode):
            mode = f"{stat.S_IMODE(status.st_mode):04o}"
            files.append(VolumeFile(name, mode, mode, user(status.st_uid)))
    return tuple(files)


def writable(mounts: tuple[MountPoint, ...], root: Path, uid: int | Unknown) -> tuple[str, ...]:
    """List the mounts that let the process write, leaving out the kernel's interfaces and what is masked.

    A folder or file that only its owner, root, may write does not count for another user: `/dev`, /etc/hosts.
    """
    paths: list[str] = []
    for path, mount in visible(mounts).items():
        if mount.read_only or mount.of_kernel or path.startswith(("/proc/", "/sys/")):
            continue
        status = owner_of(root, path)
        if status is None or stat.S_ISCHR(status.st_mode):
            continue
        if (
            path != "/"
            and uid != 0
            and status.st_uid != uid
            and not status.st_mode & (stat.S_IWOTH | stat.S_IWGRP)
        ):
            continue
        paths.append(path)
    return tuple(sorted(paths))


def apparmor(folder: Path, proc: Path) -> str | Unknown:
    """Name the profile in the manifest's words; the runtime's own profile is RuntimeDefault."""
    if not _active("apparmor", proc):
        return "Unconfined"
    label = _label(folder, "apparmor/current")
    if isinstance(label, Unknown):
        return label
    name = label.split(" (")[0]
    if name == "unconfined":
        return "Unconfined"
    return "RuntimeDefault" if name in ("cri-containerd.apparmor.d", "crio-default") else f"Localhost/{name}"


def selinux(folder: Path, proc: Path) -> str | Unknown | None:
    """Give the label; None where the node has no SELinux."""
    return _label(folder, "current") if _active("selinux", proc) else None


def _active(module: str, proc: Path) -> bool:
    # /sys stands beside /proc; where securityfs is not mounted, SELinux has its own file system and AppArmor
    # its parameter
    system = proc.parent / "sys"
    try:
        return module in (system / "kernel/security/lsm").read_text().split(",")
    except OSError:
        pass
    if module == "selinux":
        return (system / "fs/selinux/enforce").exists()
    try:
        return (system / "module/apparmor/parameters/enabled").read_text().strip() == "Y"
    except OSError:
        return False


def _label(folder: Path, name: str) -> str | Unknown:
    for path in (folder / "attr" / name, folder / "attr" / "current"):
        try:
            return path.read_text().strip("\0\n")
        except OSError as error:
            problem = Unknown(f"{path}: {error.strerror}")
    return problem
