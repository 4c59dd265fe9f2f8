"""The kubelet's own admission: pods it refuses whatever runtime it has, and pods that it holds back.

A refused pod is Failed for good. One that is held back stays Pending until the node has what it needs.
"""

from functools import cache

from ..effective.apparmor import ANNOTATION_PREFIX, requested_apparmor
from ..effective.container_in_pod import POD_CONTEXT, ContainerInPod
from ..effective.node import Node
from ..effective.setting import Setting
from ..effective.sysctls import dotted
from ..kube.go_format import quote
from ..kube.pod import Pod
from ..manifest.route import Route
from .declared_features import refuse_undeclared
from .start_prediction import WarningEvent

__all__ = ["block", "is_allowlisted", "reject", "rejection_message", "safe_sysctls", "sysctl_group"]

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
_APPARMOR_LOOKED_UP_UNTIL = 23
"""The last kubelet that looks itself whether a profile is loaded."""

_APPARMOR_REFUSED_SINCE = 31
"""The first kubelet that refuses a pod for AppArmor; those before hold it back.

Source: kubernetes 1.19.16 to 1.31.14 pkg/kubelet/kubelet.go, softAdmitHandlers.
"""
_LONG_MESSAGE_SINCE = 26
"""The first kubelet whose message says that the pod was rejected.

Source: kubernetes pkg/kubelet/kubelet.go, rejectPod.
"""


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
    them here.
    Source: kubernetes pkg/kubelet/kubelet.go, order of the admit handlers; lifecycle/predicate.go.
    """
    node = setting.node
    context = pod.spec.security_context if pod.spec else None
    return (
        (_sysctls(pod, node, setting.version) if context is not None and context.sysctls else None)
        or (_wrong_os_label(pod, node, setting.version) or _wrong_os(pod, node) if node.is_known else None)
        or (_strict_groups(pod, setting) if context is not None else None)
        or (_apparmor(pod, containers, setting) if setting.version >= _APPARMOR_REFUSED_SINCE else None)
        or refuse_undeclared(pod, setting)
    )


def rejection_message(event: WarningEvent, version: int) -> str:
    """Write the message in the status of a pod that a kubelet 1.`version` refuses with this event."""
    return f"Pod was rejected: {event.message}" if version >= _LONG_MESSAGE_SINCE else f"Pod {event.message}"


def block(pod: Pod, containers: tuple[ContainerInPod, ...], setting: Setting) -> WarningEvent | None:
    """Say why the kubelet takes the pod but does not run it; None when it runs it.

    Reason and message are those of the pod's status: no event is recorded.
    Source: kubernetes 1.19.16 to 1.30.14 pkg/kubelet/kubelet.go, canRunPod.
    """
    if setting.version >= _APPARMOR_REFUSED_SINCE:
        return None
    return _apparmor(pod, containers, setting)


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


def _apparmor(pod: Pod, containers: tuple[ContainerInPod, ...], setting: Setting) -> WarningEvent | None:
    """Refuse any profile but Unconfined where the node cannot enforce it, whether a container gets it or not.

    Source: kubernetes pkg/security/apparmor validate.go and helpers.go, isRequired.
    """
    gates = setting.gates
    if gates.has("AppArmor") and not gates.enabled("AppArmor"):
        problem = "AppArmor disabled by feature-gate"
    elif setting.node.apparmor is False:
        problem = "AppArmor is not enabled on the host"
    else:
        return _not_loaded(containers, setting) if setting.version <= _APPARMOR_LOOKED_UP_UNTIL else None
    route = _asks_for_apparmor(pod, containers)
    return None if route is None else WarningEvent("AppArmor", f"Cannot enforce AppArmor: {problem}", route)


def _not_loaded(containers: tuple[ContainerInPod, ...], setting: Setting) -> WarningEvent | None:
    """Refuse a profile that the node has not loaded, which later kubelets leave to the runtime.

    Source: kubernetes 1.19.16 to 1.23.17 pkg/security/apparmor validate.go, validateProfile.
    """
    loaded = setting.node.apparmor_profiles
    if loaded is None:
        return None
    for placed in containers:
        requested = requested_apparmor(placed)
        if requested is None or requested[0].type != "Localhost":
            continue
        name = requested[0].localhost_profile or ""
        if name not in loaded:
            message = f"Cannot enforce AppArmor: profile {quote(name)} is not loaded"
            return WarningEvent("AppArmor", message, requested[1].route)
    return None


def _asks_for_apparmor(pod: Pod, containers: tuple[ContainerInPod, ...]) -> Route | None:
    """Point at what asks for a profile: a container's own field, else an annotation, else the pod.

    Servers copy annotations to fields: then it is the annotation that was written.
    """
    annotations = (pod.metadata.annotations if pod.metadata else None) or {}
    for placed in containers:
        own = placed.context.app_armor_profile
        if own is not None and own.type != "Unconfined":
            key = f"{ANNOTATION_PREFIX}{placed.container.name}"
            field = (*placed.route, "securityContext", "appArmorProfile")
            return ("metadata", "annotations", key) if key in annotations else field
    for key, value in annotations.items():
        if key.startswith(ANNOTATION_PREFIX) and value != "unconfined":
            return ("metadata", "annotations", key)
    context = pod.spec.security_context if pod.spec else None
    profile = context.app_armor_profile if context else None
    return (*POD_CONTEXT, "appArmorProfile") if profile is not None and profile.type != "Unconfined" else None
