"""The effective security context: one type for what is predicted and for what is observed.

`resolve` fills every field; an observer of a running process fills those it can read and leaves the rest
Unknown, so that a proof is the comparison of two values of one type.
"""

from typing import Literal

import msgspec

from .value import Field, Unknown

__all__ = [
    "NAMESPACES",
    "CapabilitySets",
    "EffectiveSecurityContext",
    "Namespaces",
    "Scope",
    "VolumeFile",
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


class VolumeFile(msgspec.Struct, frozen=True, gc=False):
    """A file that Kubernetes writes into a volume: `*` for all that no item names.

    `mode` is what the container sees and `asked` what the manifest has, as four octal digits; they differ by
    what fsGroup adds. `owner` is a uid. `readable`: whether the container's process may read it.
    """

    path: str
    mode: str
    asked: str
    owner: int
    readable: bool | Unknown | None = None


class VolumeOwnership(msgspec.Struct, frozen=True, gc=False):
    """One volume as a container's process finds it: whose it is, and who may read and write; in words `text`.

    `behind` tells what a claim leads to, where that is known.

    `group` is the gid that fsGroup gives it (None: nobody changes it, or that is not known), `changed`
    whether fsGroup applies (None: the pod has none). `paths` are where the container mounts it. `mode` is
    that of the folder itself, four octal digits, None where it is not known; `files` are those that
    Kubernetes writes. `readable` and `writable` are the process's rights to all of it; None: not mounted.
    """

    name: str
    source: str
    group: int | None
    text: str
    changed: bool | Unknown | None = None
    paths: tuple[str, ...] = ()
    mode: str | None = None
    files: tuple[VolumeFile, ...] = ()
    readable: bool | Unknown | None = None
    writable: bool | Unknown | None = None
    behind: str = ""


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
