"""Read one process: its credentials, mounts, namespaces, profiles, parameters, volumes and devices.

Source: proc(5), namespaces(7); what each value means for a pod stands in `effective`.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from ...effective.context import (
    NAMESPACES,
    CapabilitySets,
    EffectiveSecurityContext,
    Namespaces,
    Scope,
    VolumeOwnership,
)
from ...effective.value import Field, Origin, Unknown
from ..mountinfo import MountPoint, masked, parse_mountinfo, read_only, root_is_read_only
from .files import FILTERED, apparmor, devices, ownership, selinux, writable
from .status import ProcessCredentials, Ranges, parse_map, parse_status, through
from .sysctls import read_sysctls

__all__ = ["ObservationRequest", "observe", "wait_for_start"]

T = TypeVar("T")


class ObservationRequest(msgspec.Struct, frozen=True):
    """What the observer is to look for besides what every process has.

    `sysctls`: dotted names. `volumes`: name of a volume to the path where the container mounts it.
    """

    sysctls: tuple[str, ...] = ()
    volumes: Mapping[str, str] = {}


_NOTHING = ObservationRequest()


def observe(
    pid: int,
    asked: ObservationRequest = _NOTHING,
    *,
    proc: Path = Path("/proc"),
    host: tuple[str, ...] = ("1", "self"),
) -> EffectiveSecurityContext:
    """Read everything that the kernel tells about a process.

    `host` names processes below `proc` whose namespaces are the node's: the first that may be read counts
    (not even root may read those of one that has more capabilities). Fields that no process shows
    (`run_as_non_root`, `privileged`, `proc_mount`, `fs_group`) are Unknown: what they do is in the others.
    Never raises for a process that is gone or a file that cannot be read.
    """
    folder = proc / str(pid)
    credentials = _parsed(folder / "status", parse_status)
    mounts = _parsed(folder / "mountinfo", parse_mountinfo)
    users = _parsed(folder / "uid_map", parse_map)
    groups = _parsed(folder / "gid_map", parse_map)

    def of_credentials(read: Callable[[ProcessCredentials], T], text: str) -> Field[T]:
        return _seen(credentials, read, f"/proc/PID/status, {text}")

    def of_mounts(read: Callable[[tuple[MountPoint, ...]], T | Unknown]) -> Field[T]:
        return _seen(mounts, read, "/proc/PID/mountinfo")

    uid = _mapped(credentials, users, lambda process: (process.uid,), "Uid")
    gid = _mapped(credentials, groups, lambda process: (process.gid,), "Gid")
    root = folder / "root"
    inner = uid.value if isinstance(uid.value, Unknown) else uid.value[0]
    return EffectiveSecurityContext(
        uid=_first(uid),
        gid=_first(gid),
        groups=_mapped(credentials, groups, lambda process: process.groups, "Groups"),
        run_as_non_root=_never("the kubelet looks before the start, and leaves no trace in the process"),
        capabilities=CapabilitySets(
            bounding=of_credentials(lambda process: process.bounding, "CapBnd"),
            permitted=of_credentials(lambda process: process.permitted, "CapPrm"),
            effective=of_credentials(lambda process: process.effective, "CapEff"),
            inheritable=of_credentials(lambda process: process.inheritable, "CapInh"),
            ambient=of_credentials(lambda process: process.ambient, "CapAmb"),
        ),
        no_new_privs=of_credentials(lambda process: process.no_new_privs, "NoNewPrivs"),
        privileged=_never("no flag of a process: what it changes is seen in the other fields"),
        read_only_root=of_mounts(lambda process: _or(root_is_read_only(process), "there is no mount of /")),
        writable=of_mounts(lambda process: writable(process, root, inner)),
        proc_mount=_never("no flag of a process: the masked and read-only paths show it"),
        masked_paths=of_mounts(masked),
        readonly_paths=of_mounts(read_only),
        seccomp=of_credentials(lambda process: FILTERED if process.seccomp == 2 else "Unconfined", "Seccomp"),
        apparmor=_apparmor(folder, proc),
        selinux=_selinux(folder, proc),
        sysctls=_sysctls(pid, asked.sysctls, proc),
        fs_group=_never("no flag of a process: its groups and its volumes' owners show it"),
        volumes=_volumes(root, asked.volumes, users, groups),
        namespaces=_namespaces(folder, tuple(proc / name for name in host)),
        devices=Field(devices(root), _origin("/proc/PID/root/dev")),
    )


def wait_for_start(pid: int, *, proc: Path = Path("/proc"), timeout: float = 1.0) -> bool:
    """Wait until the process is no longer the runtime's own, which becomes the container's by exec.

    False when it still is after `timeout` seconds, or is gone. Source: runc execs `runc init` first.
    """
    end = time.monotonic() + timeout
    while True:
        try:
            command = (proc / str(pid) / "cmdline").read_bytes().split(b"\0")
            # empty in the midst of the exec, and for a process that has ended
            if command[0] and (len(command) < 2 or command[1] != b"init" or b"runc" not in command[0]):
                return True
        except OSError:
            return False
        if time.monotonic() > end:
            return False
        time.sleep(0.002)


def _parsed(path: Path, parse: Callable[[str], T]) -> T | Unknown:
    try:
        return parse(path.read_text(errors="surrogateescape"))
    except OSError as error:
        return Unknown(f"{path}: {error.strerror}")
    except ValueError as error:
        return Unknown(f"{path}: {error}")


H = TypeVar("H")


def _seen(parsed: H | Unknown, read: Callable[[H], T | Unknown], text: str) -> Field[T]:
    return Field(parsed if isinstance(parsed, Unknown) else read(parsed), _origin(text))


def _mapped(
    credentials: ProcessCredentials | Unknown,
    ranges: tuple[tuple[int, int, int], ...] | Unknown,
    read: Callable[[ProcessCredentials], tuple[int, ...]],
    text: str,
) -> Field[tuple[int, ...]]:
    origin = _origin(f"/proc/PID/status, {text}")
    if isinstance(credentials, Unknown):
        return Field(credentials, origin)
    if isinstance(ranges, Unknown):
        return Field(ranges, origin)
    return Field(tuple(through(ranges, outside) for outside in read(credentials)), origin)


def _first(field: Field[tuple[int, ...]]) -> Field[int]:
    return Field(field.value if isinstance(field.value, Unknown) else field.value[0], field.origin)


def _never(reason: str) -> "Field[T]":
    return Field(Unknown(reason), _origin("not observable"))


def _or(value: T | None, reason: str) -> T | Unknown:
    return Unknown(reason) if value is None else value


def _origin(text: str) -> Origin:
    return Origin("runtime", (), text)


def _apparmor(folder: Path, proc: Path) -> Field[str]:
    return Field(apparmor(folder, proc), _origin("/proc/PID/attr/current"))


def _selinux(folder: Path, proc: Path) -> Field[str | None]:
    return Field(selinux(folder, proc), _origin("/proc/PID/attr/current"))


def _sysctls(pid: int, names: tuple[str, ...], proc: Path) -> Field[tuple[tuple[str, str], ...]]:
    parameters = read_sysctls(pid, names, proc)
    values: list[tuple[str, str]] = []
    for name, value in parameters.items():
        if isinstance(value, Unknown):
            return Field(value, _origin("/proc/sys"))
        values.append((name, value))
    return Field(tuple(values), _origin("/proc/sys, in the process's namespaces"))


def _volumes(
    root: Path, paths: Mapping[str, str], users: Ranges | Unknown, groups: Ranges | Unknown
) -> Field[tuple[VolumeOwnership, ...]]:
    def user(outside: int) -> int:
        return outside if isinstance(users, Unknown) else through(users, outside)

    def group(outside: int) -> int:
        return outside if isinstance(groups, Unknown) else through(groups, outside)

    volumes = tuple(ownership(root, name, path, user, group) for name, path in paths.items())
    return Field(volumes, _origin("the volumes' folders, through /proc/PID/root"))


def _namespaces(folder: Path, hosts: tuple[Path, ...]) -> Namespaces:
    def scope(name: str) -> Field[Scope]:
        origin = _origin(f"/proc/PID/ns/{name}")
        own = _inode(folder / "ns" / name)
        if isinstance(own, Unknown):
            return Field(own, origin)
        missing = Unknown("no process of the node is named")
        for host in hosts:
            node = _inode(host / "ns" / name)
            if not isinstance(node, Unknown):
                return Field("host" if own == node else "own", origin)
            missing = node
        return Field(missing, origin)

    return Namespaces(**{name: scope(name) for name in NAMESPACES})


def _inode(path: Path) -> tuple[int, int] | Unknown:
    try:
        status = os.stat(path)
    except OSError as error:
        return Unknown(f"{path}: {error.strerror}")
    return status.st_dev, status.st_ino
