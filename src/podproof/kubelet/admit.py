"""The kubelet's own admission: pods it refuses whatever runtime it has; such a pod is Failed for good."""

from functools import cache

from ..effective.apparmor import requested_apparmor
from ..effective.node import Node
from ..effective.subject import Subject
from ..effective.sysctls import dotted
from ..kube.go_format import quote
from ..kube.pod import Pod
from .verdict import Event

__all__ = ["reject", "safe_sysctls", "sysctl_group"]

_SAFE: tuple[tuple[int, tuple[str, ...]], ...] = (
    (0, ("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies")),
    (18, ("net.ipv4.ping_group_range",)),
    (22, ("net.ipv4.ip_unprivileged_port_start",)),
    (27, ("net.ipv4.ip_local_reserved_ports",)),
    (
        29,
        (
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
        ),
    ),
    (32, ("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem")),
    (37, ("net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat")),
)
"""Minor release and what it added. Source: kubernetes pkg/kubelet/sysctl/safe_sysctls.go."""


@cache
def safe_sysctls(version: int) -> frozenset[str]:
    """List the sysctls that a kubelet of this minor release lets every pod set."""
    return frozenset(name for since, names in _SAFE if since <= version for name in names)


def sysctl_group(name: str) -> str | None:
    """Say which namespace a sysctl belongs to: `ipc`, `net`, or None for the node's own.

    Source: k8s.io/component-helpers node/util/sysctl, namespaces.go.
    """
    if name == "kernel.sem" or name.startswith(("kernel.shm", "kernel.msg", "fs.mqueue.")):
        return "ipc"
    return "net" if name.startswith("net.") else None


def reject(pod: Pod, subjects: tuple[Subject, ...], node: Node, version: int) -> Event | None:
    """Give the event with which the kubelet refuses the pod; None when it takes it.

    A sysctl that is neither safe nor known to be allowed is refused: that is the kubelet's default.
    Source: kubernetes pkg/kubelet/kubelet.go, order of the admit handlers.
    """
    message = _sysctls(pod, node, version)
    if message is not None:
        return Event("SysctlForbidden", message)
    if _wrong_os(pod, node):
        return Event("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS")
    if node.apparmor is False and any(_needs_apparmor(subject) for subject in subjects):
        return Event("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host")
    return None


def _sysctls(pod: Pod, node: Node, version: int) -> str | None:
    spec = pod.spec
    if spec is None or spec.security_context is None:
        return None
    safe = safe_sysctls(version)
    for item in spec.security_context.sysctls or ():
        name = dotted(item.name or "")
        group = sysctl_group(name)
        allowed = name in safe or (group is not None and _allowed(name, node.unsafe_sysctls or ()))
        if not allowed:
            return f"forbidden sysctl: {quote(name)} not allowlisted"
        if group == "net" and spec.host_network:
            return f"forbidden sysctl: {quote(name)} not allowed with host net enabled"
        if group == "ipc" and spec.host_ipc:
            return f"forbidden sysctl: {quote(name)} not allowed with host ipc enabled"
    return None


def _allowed(name: str, patterns: tuple[str, ...]) -> bool:
    for pattern in patterns:
        written = dotted(pattern)
        if name == written or (written.endswith("*") and name.startswith(written[:-1])):
            return True
    return False


def _wrong_os(pod: Pod, node: Node) -> bool:
    # Every node that is told of here is a Linux node; of an untold one nothing is known.
    os = pod.spec.os if pod.spec else None
    return os is not None and os.name not in (None, "", "linux") and node.told


def _needs_apparmor(subject: Subject) -> bool:
    asked = requested_apparmor(subject)
    return asked is not None and asked[0].type != "Unconfined"
