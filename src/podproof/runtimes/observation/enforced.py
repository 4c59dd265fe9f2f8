"""What the runtime has enforced around a process, beside its security context: a pid goes in.

Out come its mounts, its cgroups' devices and limits, its resource limits, its score for the OOM killer and
its environment, to be compared with what the runtime was asked for. Nothing here raises for a process that is
gone. Source: proc(5); linux Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from ...effective.value import Unknown
from ..engine import Mount
from ..mountinfo import MountPoint, masked, own_mounts, parse_mountinfo, read_only, visible
from ..safe_files import open_in_root

__all__ = ["Enforced", "SeenMount", "observe_enforced", "own_score"]

T = TypeVar("T")

_UNLIMITED = 1 << 62
"""Bytes from which on memory.limit_in_bytes means no limit: the kernel rounds 2^63 - 1 down to pages."""

_ENVIRONMENT = 4 << 20
"""Bytes of the environment that are read; the kernel takes 6 MiB of arguments at most."""

_OWN = {
    "/": None,
    "/proc": ("proc",),
    "/dev": ("tmpfs",),
    "/dev/pts": ("devpts",),
    "/dev/console": ("devpts",),
    "/dev/mqueue": ("mqueue",),
    "/dev/shm": ("tmpfs",),
    "/sys": ("sysfs",),
    "/sys/fs/cgroup": ("tmpfs", "cgroup2"),
    "/etc/hostname": None,
    "/etc/hosts": None,
    "/etc/resolv.conf": None,
    "/run/.containerenv": None,
}
"""Mounts that every container gets from its runtime, with the types that they may have; None: any.

Source: containerd pkg/cri, container mounts, and pkg/oci/mounts.go; cri-o server/container_create_linux.go.
"""

_OWN_OF_CRIO = ("/etc/passwd", "/etc/group", "/run/secrets")


class SeenMount(msgspec.Struct, frozen=True):
    """A mount that is not the runtime's own. `same`: whether it is the file that was asked for, if told."""

    path: str
    read_only: bool
    asked: str = ""
    same: bool | None = None

    def __str__(self) -> str:
        """Write it as it is compared: `/data ro`."""
        return f"{self.path} {'ro' if self.read_only else 'rw'}"


class Enforced(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds one process.

    `device_cgroup` are the lines of devices.list. `memory_limit` is in bytes, `cpu_quota` the share of one
    processor in thousandths; None: no limit. `limits` maps names of resource limits to the hard ones, and
    `inherited` those of the parent, from which a runtime that sets none has them.
    """

    mounts: tuple[SeenMount, ...] | Unknown
    device_cgroup: tuple[str, ...] | Unknown
    memory_limit: int | Unknown | None
    cpu_shares: int | Unknown
    cpu_quota: int | Unknown | None
    oom_score_adj: int | Unknown
    limits: dict[str, str] | Unknown
    inherited: dict[str, str] | Unknown
    environment: dict[str, str] | Unknown


def observe_enforced(
    pid: int,
    asked: Iterable[Mount],
    *,
    crio: bool = False,
    proc: Path = Path("/proc"),
    mounted: tuple[MountPoint, ...] | None = None,
) -> Enforced:
    """Read all of it. `asked` are the mounts of the request; `crio` brings account files of its own.

    `mounted` are the mounts of this machine, among them the cgroups; None: they are read.
    """
    folder = proc / str(pid)
    groups = _Cgroups(folder, mounted)
    return Enforced(
        mounts=_mounts(folder, tuple(asked), crio),
        device_cgroup=groups.devices(),
        memory_limit=groups.memory_limit(),
        cpu_shares=groups.cpu_shares(),
        cpu_quota=groups.cpu_quota(),
        oom_score_adj=_read(folder / "oom_score_adj", int),
        limits=_read(folder / "limits", _hard_limits),
        inherited=_inherited(folder, proc),
        environment=_read(folder / "environ", _environment),
    )


def own_score() -> int | None:
    """Give this process's score for the OOM killer, which an engine of its own inherits; None: unreadable."""
    score = _read(Path("/proc/self/oom_score_adj"), int)
    return None if isinstance(score, Unknown) else score


def _read(path: Path, parse: Callable[[str], T]) -> T | Unknown:
    try:
        with path.open(errors="surrogateescape") as file:
            return parse(file.read(_ENVIRONMENT))
    except OSError as error:
        return Unknown(f"{path}: {error.strerror}")
    except ValueError as error:
        return Unknown(f"{path}: {error}")


def _hard_limits(text: str) -> dict[str, str]:
    """Read the table of limits: its columns are 26, 21 and 21 characters wide. Source: fs/proc/base.c."""
    return {line[:26].strip(): line[47:68].strip() for line in text.splitlines()[1:]}


def _environment(text: str) -> dict[str, str]:
    return {name: value for name, _, value in (word.partition("=") for word in text.split("\0") if word)}


def _parent(status: str) -> str:
    return next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:"))


def _inherited(folder: Path, proc: Path) -> dict[str, str] | Unknown:
    parent = _read(folder / "status", _parent)
    return parent if isinstance(parent, Unknown) else _read(proc / parent / "limits", _hard_limits)


def _mounts(folder: Path, asked: tuple[Mount, ...], crio: bool) -> tuple[SeenMount, ...] | Unknown:
    mounts = _read(folder / "mountinfo", parse_mountinfo)
    if isinstance(mounts, Unknown):
        return mounts
    top = visible(mounts)
    wanted: dict[str, Mount] = {}
    for request in asked:
        at = _where(folder / "root", os.path.normpath(request.container_path), top)
        if at is not None:
            wanted[at] = request
    hidden = {*masked(mounts), *read_only(mounts)}  # compared on their own
    seen: list[SeenMount] = []
    for path, mount in sorted(top.items()):
        found = wanted.get(path)
        if found is not None:
            same = _same_file(folder / "root", path, found.host_path)
            seen.append(SeenMount(path, mount.read_only, found.container_path, same))
        elif path not in hidden and not _is_own(path, mount, crio):
            seen.append(SeenMount(path, mount.read_only))
    return tuple(seen)


def _is_own(path: str, mount: MountPoint, crio: bool) -> bool:
    if path in _OWN:
        types = _OWN[path]
        return types is None or mount.type in types
    if path.startswith("/sys/fs/cgroup/"):
        return mount.type in ("cgroup", "cgroup2")
    if path.startswith("/dev/") and mount.type == "devtmpfs":
        return True  # in a user namespace, devices are mounted one by one; they are compared on their own
    # what the image declares as VOLUME, in the runtime's own folder
    return ("/volumes/" in mount.root and "/containers/" in mount.root) or (crio and path in _OWN_OF_CRIO)


def _where(root: Path, path: str, top: dict[str, MountPoint]) -> str | None:
    """Give the path of the mount that a path leads to: links on the way are the image's. None: no mount."""
    if path in top:
        return path
    opened = open_in_root(root, path)
    if opened is None:
        return None
    try:
        facts = Path(f"/proc/self/fdinfo/{opened}").read_text()
    except OSError:
        return None
    finally:
        os.close(opened)
    number = next((line.split()[1] for line in facts.splitlines() if line.startswith("mnt_id:")), "")
    at = next((mount.path for mount in top.values() if str(mount.id) == number), None)
    # a folder inside another mount is none itself
    return at if at is not None and at != "/" and os.path.basename(at) == os.path.basename(path) else None


def _same_file(root: Path, path: str, host: str) -> bool | None:
    opened = open_in_root(root, path)
    if opened is None:
        return None
    try:
        inside, outside = os.fstat(opened), os.stat(host)
    except OSError:
        return None  # it has been replaced or removed since
    finally:
        os.close(opened)
    return (inside.st_dev, inside.st_ino) == (outside.st_dev, outside.st_ino)


class _Cgroups:
    """The cgroups of one process: where they are mounted on this machine, and what they hold."""

    def __init__(self, folder: Path, mounted: tuple[MountPoint, ...] | None) -> None:
        lines = _read(folder / "cgroup", str.splitlines)
        self._problem = lines if isinstance(lines, Unknown) else None
        self._paths: dict[str, str] = {}
        for line in () if isinstance(lines, Unknown) else lines:
            _, controllers, path = line.split(":", 2)
            self._paths |= dict.fromkeys(controllers.split(","), path)
        try:
            self._mounts = own_mounts() if mounted is None else mounted
        except OSError as error:
            self._mounts, self._problem = (), Unknown(f"/proc/self/mountinfo: {error.strerror}")

    def devices(self) -> tuple[str, ...] | Unknown:
        if "devices" not in self._paths and "" in self._paths:
            return Unknown("cgroup v2: the attack open-device-node probes a set of devices")
        return self._value("devices", "devices.list", lambda text: tuple(sorted(text.splitlines())))

    def memory_limit(self) -> int | Unknown | None:
        if "memory" in self._paths:
            return self._value("memory", "memory.limit_in_bytes", _bytes)
        return self._value("", "memory.max", _bytes)

    def cpu_shares(self) -> int | Unknown:
        if "cpu" in self._paths:
            return self._value("cpu", "cpu.shares", int)
        return Unknown("cgroup v2 has weights: how shares become one depends on the runtime's version")

    def cpu_quota(self) -> int | Unknown | None:
        if "cpu" not in self._paths:
            return self._value("", "cpu.max", _thousandths)
        quota = self._value("cpu", "cpu.cfs_quota_us", int)
        period = self._value("cpu", "cpu.cfs_period_us", int)
        if isinstance(quota, Unknown) or isinstance(period, Unknown):
            return quota if isinstance(quota, Unknown) else period
        return None if quota < 0 else quota * 1000 // period

    def _value(self, controller: str, name: str, parse: Callable[[str], T]) -> T | Unknown:
        if self._problem is not None:
            return self._problem
        folder = self._folder(controller)
        if folder is None:
            return Unknown(f"no cgroup {controller or 'v2'} is mounted on this machine")
        return _read(folder / name, parse)

    def _folder(self, controller: str) -> Path | None:
        path = self._paths.get(controller)
        kind = "cgroup" if controller else "cgroup2"
        for mount in self._mounts:
            named = not controller or controller in mount.options
            if path is not None and mount.type == kind and named and mount.root == "/":
                return Path(mount.path + path)
        return None


def _bytes(text: str) -> int | None:
    return None if text.strip() == "max" or int(text) >= _UNLIMITED else int(text)


def _thousandths(text: str) -> int | None:
    quota, period = text.split()
    return None if quota == "max" else int(quota) * 1000 // int(period)
