"""The kubelet's own admission: pods it refuses whatever runtime it has; such a pod is Failed for good."""

from functools import cache

from ..effective.apparmor import requested_apparmor
from ..effective.container_in_pod import POD_CONTEXT, ContainerInPod
from ..effective.node import Node
from ..effective.setting import Setting
from ..effective.sysctls import dotted
from ..kube.go_format import quote
from ..kube.pod import Pod
from .start_prediction import WarningEvent

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


_OS_LABEL = "kubernetes.io/os"
_OS_SINCE = 23
_STRICT_GROUPS_SINCE = 33
"""The first kubelets that look. Source: kubernetes pkg/kubelet/lifecycle/predicate.go of each release."""


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


def reject(pod: Pod, containers: tuple[ContainerInPod, ...], setting: Setting) -> WarningEvent | None:
    """Give the event with which the kubelet refuses the pod; None when it takes it.

    A sysctl that is neither safe nor known to be allowed is refused: that is the kubelet's default.
    Resources, node affinity, taints and the node's own shutdown are not looked at, since nothing is known of
    them here. Features that a kubelet declares for itself are those of its version.
    Source: kubernetes pkg/kubelet/kubelet.go, order of the admit handlers; lifecycle/predicate.go.
    """
    node = setting.node
    return (
        _sysctls(pod, node, setting.version)
        or _wrong_os_label(pod, node, setting.version)
        or _wrong_os(pod, node)
        or _strict_groups(pod, setting)
        or _apparmor(containers, node)
    )


def _sysctls(pod: Pod, node: Node, version: int) -> WarningEvent | None:
    spec = pod.spec
    if spec is None or spec.security_context is None:
        return None
    for index, item in enumerate(spec.security_context.sysctls or ()):
        name = dotted(item.name or "")
        group = sysctl_group(name)
        if not is_allowlisted(name, node, version):
            problem = "not allowlisted"
        elif group == "net" and spec.host_network:
            problem = "not allowed with host net enabled"
        elif group == "ipc" and spec.host_ipc:
            problem = "not allowed with host ipc enabled"
        else:
            continue
        route = (*POD_CONTEXT, "sysctls", index)
        return WarningEvent("SysctlForbidden", f"forbidden sysctl: {quote(name)} {problem}", route)
    return None


def is_allowlisted(name: str, node: Node, version: int) -> bool:
    """Say whether a sysctl, written with dots, is safe at Kubernetes 1.`version` or allowed by the node.

    A name outside the groups that have namespaces is never allowed.
    """
    if name in safe_sysctls(version):
        return True
    return sysctl_group(name) is not None and _allowed(name, node.unsafe_sysctls or ())


def _allowed(name: str, patterns: tuple[str, ...]) -> bool:
    for pattern in patterns:
        written = dotted(pattern)
        if name == written or (written.endswith("*") and name.startswith(written[:-1])):
            return True
    return False


def _wrong_os_label(pod: Pod, node: Node, version: int) -> WarningEvent | None:
    """Refuse a pod whose own label names another operating system, whatever its node selector says."""
    labels = (pod.metadata.labels if pod.metadata else None) or {}
    if version < _OS_SINCE or not node.is_known or labels.get(_OS_LABEL, "linux") == "linux":
        return None
    message = f"Failed to admit pod as the `{_OS_LABEL}` label doesn't match node label"
    return WarningEvent("PodOSSelectorNodeLabelDoesNotMatch", message, ("metadata", "labels", _OS_LABEL))


def _strict_groups(pod: Pod, setting: Setting) -> WarningEvent | None:
    """Refuse `Strict` where the node's status does not have the feature; an alpha kubelet does not look."""
    context = pod.spec.security_context if pod.spec else None
    if context is None or context.supplemental_groups_policy != "Strict" or setting.strict_groups:
        return None
    if setting.version < _STRICT_GROUPS_SINCE:
        return None
    message = "SupplementalGroupsPolicy=Strict is not supported in this node"
    route = (*POD_CONTEXT, "supplementalGroupsPolicy")
    return WarningEvent("SupplementalGroupsPolicyNotSupported", message, route)


def _wrong_os(pod: Pod, node: Node) -> WarningEvent | None:
    # Every node that is told of here is a Linux node; of an untold one nothing is known.
    os = pod.spec.os if pod.spec else None
    if os is None or os.name in (None, "", "linux") or not node.is_known:
        return None
    message = "Failed to admit pod as the OS field doesn't match node OS"
    return WarningEvent("PodOSNotSupported", message, ("spec", "os"))


def _apparmor(containers: tuple[ContainerInPod, ...], node: Node) -> WarningEvent | None:
    if node.apparmor is not False:
        return None
    asking = [placed for placed in containers if _needs_apparmor(placed)]
    if not asking:
        return None
    # a container's own field is what to point at; where no container has one, the pod's decides
    own = next((placed for placed in asking if placed.context.app_armor_profile is not None), None)
    route = POD_CONTEXT if own is None else (*own.route, "securityContext")
    message = "Cannot enforce AppArmor: AppArmor is not enabled on the host"
    return WarningEvent("AppArmor", message, (*route, "appArmorProfile"))


def _needs_apparmor(placed: ContainerInPod) -> bool:
    requested = requested_apparmor(placed)
    return requested is not None and requested[0].type != "Unconfined"
