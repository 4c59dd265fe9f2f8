"""What a container runtime does unless told otherwise: data with sources, chosen by NAME[-VERSION]."""

import msgspec

from ..errors import UsageError

__all__ = ["DEFAULT_RUNTIME", "RUNTIMES", "RuntimeProfile", "parse_runtime"]

_DOCKER_DEFAULT = frozenset(
    (
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP",
        "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
    )
)  # fmt: skip
"""Source: containerd pkg/oci/spec.go, defaultUnixCaps; recorded as a80425fb on 1.6.20 and 2.3.7."""

_CRIO_DEFAULT = frozenset(
    ("CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE", "KILL")
)
"""Source: cri-o docs/crio.conf.5.md, default_capabilities."""

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/console",
            "/dev/ptmx")  # fmt: skip
"""Source: OCI runtime specification, config-linux.md, default devices."""


class RuntimeProfile(msgspec.Struct, frozen=True):
    """One runtime's defaults and words.

    `prefixed_capabilities`: CAP_NAME is understood (else ignored in silence). `unknown_capability_fails`:
    an unknown name in `add` stops the container. `strict_groups`: supplementalGroupsPolicy is obeyed.
    `recursive_read_only`: recursiveReadOnly Enabled works. `user_namespaces`: hostUsers false works.
    `host_uts`: pods with the node's network have its host name's namespace too. `adds_groups`: a gid that
    the image's group file lacks is written into a copy, which is mounted over it. `unshare_error`: what its
    own seccomp filter answers to unshare(2). `sysctls`: what it sets for pods with a network of their own,
    unless the pod does. The `*_error` texts, but for `unshare_error`, are messages with `{}` for what
    varies. `idmap_reason` is the status' reason for `idmap_error`.
    """

    name: str
    default_capabilities: frozenset[str]
    devices: tuple[str, ...] = _DEVICES
    prefixed_capabilities: bool = False
    unknown_capability_fails: bool = False
    strict_groups: bool = True
    recursive_read_only: bool = True
    user_namespaces: bool = True
    host_uts: bool = True
    adds_groups: bool = False
    unshare_error: str = "EPERM"
    range_checked_users: bool = True
    sysctls: tuple[tuple[str, str], ...] = ()
    sandbox_group_error: str = ""
    sandbox_uid_error: str = ""
    create_error: str = ""
    user_error: str = ""
    capability_error: str = ""
    no_command_error: str = ""
    runc_error: str = ""
    idmap_error: str = ""
    apparmor_error: str = ""
    idmap_reason: str = "RunContainerError"
    source: str = ""


_SHIM = (
    "failed to create containerd task: failed to create shim task: "
    "OCI runtime create failed: runc create failed: "
)

_NO_COMMAND = 'failed to generate container "<id>" spec: failed to generate spec: no command specified'

_NO_PROFILE = (
    "failed to get container spec opts: failed to generate apparmor spec opts: apparmor profile not found {}"
)
"""Source: kubernetes.io, Restrict a Container's Access to Resources with AppArmor; not recorded."""

_CONTAINERD_1 = RuntimeProfile(
    name="containerd-1.6.20",
    default_capabilities=_DOCKER_DEFAULT,
    strict_groups=False,
    recursive_read_only=False,
    user_namespaces=False,
    range_checked_users=False,
    sandbox_group_error="failed to generate sanbdox container spec options: failed to generate user string: "
    'user group "{}" is specified without user',  # misspelt upstream too
    create_error="failed to create containerd container: {}",
    user_error="failed to create containerd container: mount callback failed on <mount>: {}",
    capability_error=_SHIM
    + "unable to start container process: unable to apply caps: operation not permitted: unknown",
    no_command_error=_NO_COMMAND,
    apparmor_error=_NO_PROFILE,
    source="recorded: kubelet 1.37.2 with containerd 1.6.20 and runc 1.1.5",
)
_CONTAINERD_2 = RuntimeProfile(
    name="containerd-2.3.7",
    default_capabilities=_DOCKER_DEFAULT,
    sysctls=(("net.ipv4.ip_unprivileged_port_start", "0"), ("net.ipv4.ping_group_range", "0 2147483647")),
    sandbox_group_error='failed to start sandbox "<id>": failed to generate sandbox container spec options: '
    'failed to generate user string: user group "{}" is specified without user',
    sandbox_uid_error=f'failed to start sandbox "<id>": {_SHIM}unable to start container process: '
    "error during container init: unable to setup user: {}",
    create_error="failed to create containerd container: {}",
    user_error="failed to create containerd container: {}",
    capability_error=_SHIM
    + "unable to start container process: error during container init: unable to apply caps: "
    "can't apply capabilities: operation not permitted",
    no_command_error=_NO_COMMAND,
    runc_error=_SHIM + "unable to start container process: error during container init: {}",
    idmap_error=_SHIM + "unable to start container process: error during container init: failed to fulfil "
    "mount request: failed to set MOUNT_ATTR_IDMAP on <volume>: invalid argument (maybe the filesystem used "
    "doesn't support idmap mounts on this kernel?)",
    apparmor_error=_NO_PROFILE,
    source="recorded: kubelet 1.37.2 with containerd 2.3.7 and runc 1.5.2",
)
_CRIO = RuntimeProfile(
    name="cri-o",
    default_capabilities=_CRIO_DEFAULT,
    prefixed_capabilities=True,
    unknown_capability_fails=True,
    host_uts=False,
    adds_groups=True,
    unshare_error="ENOSYS",
    sandbox_group_error="user group is specified without user or username",
    sandbox_uid_error="container create failed: {}",
    create_error="{}",
    user_error="{}",
    capability_error="container create failed: unable to apply caps: operation not permitted",
    no_command_error="no command specified",
    runc_error="container create failed: {}",
    idmap_error="container create failed: mount_setattr `{}` (maybe the file system used doesn't support "
    "idmap mounts on this kernel?): Invalid argument",
    idmap_reason="CreateContainerError",
    source="read: cri-o HEAD of August 2026; messages not recorded. Fields compared with cri-o 1.34.0",
)

RUNTIMES: dict[str, RuntimeProfile] = {p.name: p for p in (_CONTAINERD_1, _CONTAINERD_2, _CRIO)}

DEFAULT_RUNTIME = "containerd-2.3.7"


def runtime_of(text: str) -> RuntimeProfile:
    """Find the profile of a runtime that answers; one that is not known takes the default profile."""
    try:
        return parse_runtime(text)
    except UsageError:
        return RUNTIMES[DEFAULT_RUNTIME]


def parse_runtime(text: "str | RuntimeProfile") -> RuntimeProfile:
    """Choose a runtime by NAME or NAME-VERSION; a bare name or major version means the newest that is known.

    An unrecorded version of a known series (containerd-2.1, cri-o-1.33) takes the profile of its series.
    Raises UsageError: no runtime of that name or series is known; the nearest ones are named.
    """
    if isinstance(text, RuntimeProfile):
        return text
    if not isinstance(text, str):
        raise UsageError(f"the runtime must be a name such as {DEFAULT_RUNTIME}, has {text!r}")
    lowered = text.lower()
    if lowered in ("cri-o", "crio") or (lowered.startswith(("cri-o-", "crio-")) and _is_version(lowered)):
        return _CRIO
    if lowered == "containerd":
        return _CONTAINERD_2
    if lowered.startswith("containerd-") and _is_version(lowered):
        major = lowered.removeprefix("containerd-").removeprefix("v").split(".")[0]
        if major in ("1", "2"):
            return _CONTAINERD_1 if major == "1" else _CONTAINERD_2
    from difflib import get_close_matches  # costs 10 ms to import: only for a message

    close = get_close_matches(lowered, RUNTIMES, 3, 0.4) or list(RUNTIMES)
    raise UsageError(f"unknown runtime {text!r}, nearest are {', '.join(close)}")


def _is_version(name: str) -> bool:
    version = name.rsplit("-", 1)[1].removeprefix("v")
    return bool(version) and all(part.isdigit() for part in version.split("."))
