"""The effective security context: one type for what is predicted and for what is observed.

`resolve` fills every field; an observer of a running process fills those it can read and leaves the rest
Unknown, so that a proof is the comparison of two values of one type.
"""

from typing import Literal

import msgspec

from .value import Field

__all__ = [
    "NAMESPACES",
    "CapabilitySets",
    "EffectiveSecurityContext",
    "Namespaces",
    "Scope",
    "VolumeOwnership",
]

Scope = Literal["host", "own"]

NAMESPACES = ("user", "pid", "net", "ipc", "mnt", "uts", "cgroup")


class CapabilitySets(msgspec.Struct, frozen=True, gc=False):
    """The five sets of the process after exec: names without CAP_, in the kernel's order."""

    bounding: Field[tuple[str, ...]]
    permitted: Field[tuple[str, ...]]
    effective: Field[tuple[str, ...]]
    inheritable: Field[tuple[str, ...]]
    ambient: Field[tuple[str, ...]]


class Namespaces(msgspec.Struct, frozen=True, gc=False):
    """Whether each namespace is the node's (`host`) or not (`own`: the pod's or the container's)."""

    user: Field[Scope]
    pid: Field[Scope]
    net: Field[Scope]
    ipc: Field[Scope]
    mnt: Field[Scope]
    uts: Field[Scope]
    cgroup: Field[Scope]


class VolumeOwnership(msgspec.Struct, frozen=True, gc=False):
    """What fsGroup does to one volume: its gid afterwards (None: nobody changes it), in words `text`."""

    name: str
    source: str
    group: int | None
    text: str


class EffectiveSecurityContext(msgspec.Struct, frozen=True, gc=False):
    """Every security value of one container's process, each with its origin.

    uid and gid are seen from inside the container. `run_as_non_root`, `fs_group`, `selinux` may be known to
    be None: nobody set them. `seccomp` and `apparmor` are `Unconfined`, `RuntimeDefault` or `Localhost/NAME`.
    `writable` lists the paths that this process can still write, by mounts and not by file permissions.
    """

    uid: Field[int]
    gid: Field[int]
    groups: Field[tuple[int, ...]]
    run_as_non_root: Field[bool | None]
    capabilities: CapabilitySets
    no_new_privs: Field[bool]
    privileged: Field[bool]
    read_only_root: Field[bool]
    writable: Field[tuple[str, ...]]
    proc_mount: Field[str]
    masked_paths: Field[tuple[str, ...]]
    readonly_paths: Field[tuple[str, ...]]
    seccomp: Field[str]
    apparmor: Field[str]
    selinux: Field[str | None]
    sysctls: Field[tuple[tuple[str, str], ...]]
    fs_group: Field[int | None]
    volumes: Field[tuple[VolumeOwnership, ...]]
    namespaces: Namespaces
    devices: Field[tuple[str, ...]]
