"""The parts of the container runtime interface that the kubelet fills in, with its names. Data only.

A value that is empty, zero or None is not sent. Capabilities are named as the manifest has them.
Source: k8s.io/cri-api runtime/v1, api.proto.
"""

from typing import Literal

import msgspec

__all__ = [
    "AuthConfig",
    "Capability",
    "DNSConfig",
    "IDMapping",
    "LinuxContainerResources",
    "LinuxContainerSecurityContext",
    "LinuxSandboxSecurityContext",
    "NamespaceMode",
    "NamespaceOption",
    "SELinuxOption",
    "SecurityProfile",
    "UserNamespace",
]

NamespaceMode = Literal["POD", "CONTAINER", "NODE", "TARGET"]


class IDMapping(msgspec.Struct, frozen=True):
    """A range of ids: the first on the node, the first in the container, and how many."""

    host_id: int
    container_id: int
    length: int


class UserNamespace(msgspec.Struct, frozen=True):
    """The pod's own user namespace; the node's has no value."""

    uids: tuple[IDMapping, ...]
    gids: tuple[IDMapping, ...]


class NamespaceOption(msgspec.Struct, frozen=True, kw_only=True):
    """Whose namespaces the processes get; the defaults are those of a pod that shares nothing.

    `pid` TARGET is that of the container with the id `target_id`. `userns_options` None: the node's users.
    """

    network: NamespaceMode = "POD"
    ipc: NamespaceMode = "POD"
    pid: NamespaceMode = "CONTAINER"
    target_id: str = ""
    userns_options: UserNamespace | None = None


class Capability(msgspec.Struct, frozen=True):
    """Capabilities to add to the runtime's default ones and to drop from them; ALL stands for all."""

    add_capabilities: tuple[str, ...] = ()
    drop_capabilities: tuple[str, ...] = ()


class SELinuxOption(msgspec.Struct, frozen=True):
    """An SELinux label; "" leaves a part to the runtime."""

    user: str = ""
    role: str = ""
    type: str = ""
    level: str = ""


class SecurityProfile(msgspec.Struct, frozen=True):
    """A seccomp or AppArmor profile; `localhost_ref` is a file's absolute path or a loaded profile's name."""

    profile_type: Literal["RuntimeDefault", "Unconfined", "Localhost"]
    localhost_ref: str = ""


class LinuxSandboxSecurityContext(msgspec.Struct, frozen=True, kw_only=True):
    """A sandbox's security context; ids None are the runtime's choice."""

    namespace_options: NamespaceOption = NamespaceOption()
    privileged: bool = False
    readonly_rootfs: bool = False
    run_as_user: int | None = None
    run_as_group: int | None = None
    supplemental_groups: tuple[int, ...] = ()
    seccomp: SecurityProfile | None = None
    selinux_options: SELinuxOption | None = None


class LinuxContainerSecurityContext(msgspec.Struct, frozen=True, kw_only=True):
    """A container's security context. At most one of `run_as_user` and `run_as_username` is set.

    `apparmor` and `selinux_options` None are the runtime's choice.
    """

    namespace_options: NamespaceOption = NamespaceOption()
    capabilities: Capability = Capability()
    privileged: bool = False
    readonly_rootfs: bool = False
    no_new_privs: bool = False
    run_as_user: int | None = None
    run_as_username: str = ""
    run_as_group: int | None = None
    supplemental_groups: tuple[int, ...] = ()
    supplemental_groups_policy: Literal["Merge", "Strict"] = "Merge"
    seccomp: SecurityProfile | None = None
    apparmor: SecurityProfile | None = None
    selinux_options: SELinuxOption | None = None
    masked_paths: tuple[str, ...] = ()
    readonly_paths: tuple[str, ...] = ()


class LinuxContainerResources(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of a container's cgroup: times in microseconds, memory in bytes; 0 sets no limit."""

    cpu_period: int = 0
    cpu_quota: int = 0
    cpu_shares: int = 0
    memory_limit_in_bytes: int = 0
    memory_swap_limit_in_bytes: int = 0
    oom_score_adj: int = 0


class DNSConfig(msgspec.Struct, frozen=True):
    """The parts of resolv.conf."""

    servers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


class AuthConfig(msgspec.Struct, frozen=True):
    """What a registry asks for; empty texts are not sent."""

    username: str = ""
    password: str = ""
    auth: str = ""
    identity_token: str = ""
    registry_token: str = ""
    server_address: str = ""
