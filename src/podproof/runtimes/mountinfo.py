"""The mounts of a process: the text of /proc/PID/mountinfo goes in, what is where and hidden comes out.

Source: proc(5), /proc/pid/mountinfo; opencontainers/runc libcontainer/rootfs_linux.go, maskPath(),
readonlyPath(): a masked file is a bind mount of /dev/null, a masked folder an empty read-only tmpfs.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

__all__ = [
    "MountPoint",
    "masked",
    "mount_holding",
    "own_mounts",
    "parse_mountinfo",
    "read_only",
    "root_is_read_only",
    "visible",
]

_OCTAL = re.compile(r"\\([0-7]{3})")

_KERNEL = frozenset(("proc", "sysfs", "cgroup", "cgroup2", "mqueue", "devpts", "securityfs", "debugfs",
                     "tracefs", "bpf", "pstore", "configfs", "fusectl", "hugetlbfs", "binfmt_misc",
                     "efivarfs"))  # fmt: skip
"""File systems that hold no files of anybody: interfaces of the kernel."""


class MountPoint(msgspec.Struct, frozen=True):
    """One mount: where, of which file system, which folder of it, and whether it can be written.

    A mount is read-only when it or its whole file system is. `id` is the kernel's number of it, `options`
    are those of the file system: a cgroup's controllers, for one.
    """

    path: str
    root: str
    type: str
    device: str
    read_only: bool
    id: int = 0
    options: frozenset[str] = frozenset()

    @property
    def of_kernel(self) -> bool:
        """Says whether it is an interface of the kernel."""
        return self.type in _KERNEL


def parse_mountinfo(text: str) -> tuple[MountPoint, ...]:
    """Read every line, in the kernel's order; a later mount on the same path hides an earlier one."""
    mounts: list[MountPoint] = []
    for line in text.splitlines():
        left, separator, right = line.partition(" - ")
        fields, rest = left.split(" "), right.split(" ")
        if not separator or len(fields) < 6 or len(rest) < 3:
            continue
        of_system = frozenset(rest[2].split(","))
        sealed = "ro" in of_system or "ro" in fields[5].split(",")
        number = int(fields[0]) if fields[0].isdigit() else 0
        mounts.append(
            MountPoint(_plain(fields[4]), _plain(fields[3]), rest[0], fields[2], sealed, number, of_system)
        )
    return tuple(mounts)


def own_mounts() -> tuple[MountPoint, ...]:
    """Read the mounts of this process."""
    return parse_mountinfo(Path("/proc/self/mountinfo").read_text(errors="surrogateescape"))


def mount_holding(path: str, mounts: Iterable[MountPoint]) -> MountPoint | None:
    """Give the mount that an absolute path without links is on; None when not even `/` is among them."""
    best: MountPoint | None = None
    for mount in mounts:
        inside = mount.path in ("/", path) or path.startswith(f"{mount.path}/")
        if inside and (best is None or len(mount.path) >= len(best.path)):
            best = mount  # of two at one place, the later hides the other
    return best


def visible(mounts: Iterable[MountPoint]) -> dict[str, MountPoint]:
    """Give the topmost mount of every path."""
    return {mount.path: mount for mount in mounts}


def root_is_read_only(mounts: Iterable[MountPoint]) -> bool | None:
    """Say whether `/` is mounted read-only; None when no mount is there."""
    root = visible(mounts).get("/")
    return None if root is None else root.read_only


def masked(mounts: Iterable[MountPoint]) -> tuple[str, ...]:
    """List the paths below /proc and /sys that are hidden by the null device or an empty tmpfs."""
    return tuple(
        mount.path
        for mount in visible(mounts).values()
        if mount.path.startswith(("/proc/", "/sys/"))
        and (mount.root.endswith("/null") or (mount.type == "tmpfs" and mount.read_only))
    )


def read_only(mounts: Iterable[MountPoint]) -> tuple[str, ...]:
    """List the paths below /proc that are the kernel's own files, mounted read-only over themselves."""
    return tuple(
        mount.path
        for mount in visible(mounts).values()
        if mount.path.startswith("/proc/") and mount.type == "proc" and mount.read_only
    )


def _plain(path: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), path)
