"""The security contexts that the kubelet asks the runtime for: containers and pods go in, CRI values go out.

Source: kubernetes pkg/kubelet/kuberuntime, security_context.go and util.
"""

from ..effective.apparmor import requested_apparmor
from ..effective.container_in_pod import ContainerInPod
from ..effective.proc_paths import default_masked, default_readonly
from ..effective.seccomp import requested_seccomp
from ..effective.selinux import requested_selinux
from ..effective.sysctls import dotted
from ..effective.users import requested_user
from ..kube.pod import AppArmorProfile, Pod, PodSecurityContext, PodSpec, SeccompProfile, SELinuxOptions
from ..kube.visit import visit_containers
from .cri import (
    Capability,
    IDMapping,
    LinuxContainerSecurityContext,
    LinuxSandboxSecurityContext,
    NamespaceMode,
    NamespaceOption,
    SecurityProfile,
    SELinuxOption,
    UserNamespace,
)
from .sandbox import MAPPED_IDS

__all__ = ["SECCOMP_ROOT", "container_security_context", "sandbox_security_context", "sandbox_sysctls"]

SECCOMP_ROOT = "/var/lib/kubelet/seccomp"
"""Where Localhost profiles lie. Source: pkg/kubelet/config, `seccomp` below the kubelet's --root-dir."""

_FIRST_ID = 65536
"""The first user id on the node that a pod with hostUsers false may get. Source: pkg/kubelet/userns."""


def container_security_context(
    placed: ContainerInPod, *, seccomp_root: str = SECCOMP_ROOT, target_id: str = "", user_range: int = 0
) -> LinuxContainerSecurityContext:
    """Build a container's context. Names of capabilities go out as written: the runtime reads them.

    An unknown user is left out. Masked paths go out for privileged containers too, and the runtime drops
    them. `target_id` is the id of an ephemeral container's target, "" for none. `user_range` counts the pods
    with user namespaces on the node.
    """
    context = placed.context
    user = requested_user(placed)
    selinux, apparmor = requested_selinux(placed), requested_apparmor(placed)
    masks = context.proc_mount in (None, "Default")
    return LinuxContainerSecurityContext(
        namespace_options=_namespaces(placed.pod, user_range, target_id),
        capabilities=_capabilities(placed),
        privileged=placed.privileged,
        readonly_rootfs=context.read_only_root_filesystem is True,
        no_new_privs=context.allow_privilege_escalation is False,
        run_as_user=user.uid if isinstance(user.uid, int) else None,
        run_as_username="" if isinstance(user.uid, int) else user.name,
        run_as_group=None if user.group is None else user.group[0],
        supplemental_groups=_groups(placed.pod_context),
        supplemental_groups_policy=(
            "Strict" if placed.pod_context.supplemental_groups_policy == "Strict" else "Merge"
        ),
        seccomp=_seccomp(requested_seccomp(placed)[0], seccomp_root),
        apparmor=None if apparmor is None else _apparmor(apparmor[0]),
        selinux_options=None if selinux is None else _selinux(selinux[0]),
        masked_paths=tuple(default_masked(placed.setting.version)) if masks else (),
        readonly_paths=tuple(default_readonly(placed.setting.version)) if masks else (),
    )


def sandbox_security_context(pod: Pod, *, user_range: int = 0) -> LinuxSandboxSecurityContext:
    """Build a sandbox's context: from the pod's own context alone, always with the default filter."""
    context = _context(pod)
    options = context.se_linux_options
    return LinuxSandboxSecurityContext(
        namespace_options=_namespaces(pod, user_range),
        privileged=any(
            container.security_context is not None and container.security_context.privileged is True
            for _, container, _ in visit_containers(pod.spec)
        ),
        run_as_user=context.run_as_user,
        run_as_group=context.run_as_group,
        supplemental_groups=_groups(context),
        seccomp=SecurityProfile("RuntimeDefault"),
        selinux_options=None if options is None else _selinux(options),
    )


def sandbox_sysctls(pod: Pod) -> dict[str, str]:
    """Give the sandbox's sysctls by their dotted names."""
    return {dotted(item.name or ""): item.value or "" for item in _context(pod).sysctls or ()}


def _namespaces(pod: Pod, user_range: int, target_id: str = "") -> NamespaceOption:
    spec = pod.spec or PodSpec()
    shared: NamespaceMode = "POD" if spec.share_process_namespace else "CONTAINER"
    pid: NamespaceMode = "NODE" if spec.host_pid else shared
    return NamespaceOption(
        network="NODE" if spec.host_network else "POD",
        ipc="NODE" if spec.host_ipc else "POD",
        pid="TARGET" if target_id else pid,
        target_id=target_id,
        userns_options=_user_namespace(user_range) if spec.host_users is False else None,
    )


def _user_namespace(user_range: int) -> UserNamespace:
    """Choose where on the node the pod's ids lie: each pod has a range of its own."""
    ids = (IDMapping(_FIRST_ID + user_range * MAPPED_IDS, 0, MAPPED_IDS),)
    return UserNamespace(ids, ids)


def _context(pod: Pod) -> PodSecurityContext:
    return (pod.spec.security_context if pod.spec else None) or PodSecurityContext()


def _capabilities(placed: ContainerInPod) -> Capability:
    written = placed.context.capabilities
    return Capability() if written is None else Capability(written.add or (), written.drop or ())


def _groups(context: PodSecurityContext) -> tuple[int, ...]:
    first = (context.fs_group,) if context.fs_group is not None else ()
    return (*first, *(context.supplemental_groups or ()))


def _seccomp(profile: SeccompProfile, root: str) -> SecurityProfile:
    if profile.type == "Localhost":
        return SecurityProfile("Localhost", f"{root}/{profile.localhost_profile or ''}")
    return SecurityProfile("RuntimeDefault" if profile.type == "RuntimeDefault" else "Unconfined")


def _apparmor(profile: AppArmorProfile) -> SecurityProfile:
    if profile.type == "Localhost":
        return SecurityProfile("Localhost", profile.localhost_profile or "")
    return SecurityProfile("RuntimeDefault" if profile.type == "RuntimeDefault" else "Unconfined")


def _selinux(options: SELinuxOptions) -> SELinuxOption:
    return SELinuxOption(options.user or "", options.role or "", options.type or "", options.level or "")
