"""What the kubelet asks the runtime for: plain data with the field names of the CRI, for every engine.

Source: k8s.io/cri-api runtime/v1, api.proto; kubernetes pkg/kubelet/kuberuntime.
"""

from typing import Any

from ..effective.apparmor import requested_apparmor
from ..effective.proc_paths import default_masked, default_readonly
from ..effective.seccomp import requested_seccomp
from ..effective.selinux import requested_selinux
from ..effective.subject import Subject, containers_of
from ..effective.sysctls import dotted
from ..effective.users import requested_user
from ..kube.pod import AppArmorProfile, Pod, PodSecurityContext, PodSpec, SeccompProfile, SELinuxOptions
from .sandbox import MAPPED_IDS

__all__ = ["KUBELET_ROOT", "container_security_context", "sandbox_security_context", "sandbox_sysctls"]

KUBELET_ROOT = "/var/lib/kubelet"
"""Source: the kubelet's --root-dir, default."""


def container_security_context(subject: Subject, *, root: str = KUBELET_ROOT) -> dict[str, Any]:
    """Build LinuxContainerSecurityContext. Names of capabilities go out as written: the runtime reads them.

    The user must be known (an unknown one is left out); masked paths go out for privileged containers too,
    and the runtime drops them.
    """
    context = subject.context
    requested = requested_user(subject)
    request: dict[str, Any] = {
        "capabilities": {
            "add_capabilities": list((context.capabilities.add if context.capabilities else None) or ()),
            "drop_capabilities": list((context.capabilities.drop if context.capabilities else None) or ()),
        },
        "privileged": subject.privileged,
        "readonly_rootfs": context.read_only_root_filesystem is True,
        "no_new_privs": context.allow_privilege_escalation is False,
        "namespace_options": namespace_options(subject.pod, target=subject.container.target_container_name),
        "supplemental_groups": _groups(subject.pod_context),
        "supplemental_groups_policy": subject.pod_context.supplemental_groups_policy or "Merge",
        "seccomp": _seccomp(requested_seccomp(subject)[0], root),
        "masked_paths": [],
        "readonly_paths": [],
    }
    if context.proc_mount in (None, "Default"):
        request["masked_paths"] = list(default_masked(subject.version))
        request["readonly_paths"] = list(default_readonly(subject.version))
    if isinstance(requested.uid, int):
        request["run_as_user"] = {"value": requested.uid}
    elif requested.name:
        request["run_as_username"] = requested.name
    if requested.group is not None:
        request["run_as_group"] = {"value": requested.group}
    asked = requested_selinux(subject)
    if asked is not None:
        request["selinux_options"] = _selinux(asked[0])
    apparmor = requested_apparmor(subject)
    if apparmor is not None:
        request["apparmor"] = _apparmor(apparmor[0])
    return request


def sandbox_security_context(pod: Pod) -> dict[str, Any]:
    """Build LinuxSandboxSecurityContext: from the pod's own context alone, always with the default filter."""
    context = _context(pod)
    groups = [
        *([context.fs_group] if context.fs_group is not None else []),
        *(context.supplemental_groups or ()),
    ]
    request: dict[str, Any] = {
        "privileged": any(
            container.security_context is not None and container.security_context.privileged is True
            for _, container, _ in containers_of(pod)
        ),
        "namespace_options": namespace_options(pod),
        "supplemental_groups": groups,
        "seccomp": {"profile_type": "RuntimeDefault"},
        "readonly_rootfs": False,
    }
    if context.run_as_user is not None:
        request["run_as_user"] = {"value": context.run_as_user}
    if context.run_as_group is not None:
        request["run_as_group"] = {"value": context.run_as_group}
    if context.se_linux_options is not None:
        request["selinux_options"] = _selinux(context.se_linux_options)
    return request


def sandbox_sysctls(pod: Pod) -> dict[str, str]:
    """Give the sandbox's sysctls by their dotted names."""
    return {dotted(item.name or ""): item.value or "" for item in _context(pod).sysctls or ()}


def namespace_options(pod: Pod, *, target: str | None = None) -> dict[str, Any]:
    """Build NamespaceOption: NODE, POD, CONTAINER or TARGET; `target` is an ephemeral container's."""
    spec = pod.spec or PodSpec()
    pid = "NODE" if spec.host_pid else "POD" if spec.share_process_namespace else "CONTAINER"
    options: dict[str, Any] = {
        "network": "NODE" if spec.host_network else "POD",
        "ipc": "NODE" if spec.host_ipc else "POD",
        "pid": "TARGET" if target else pid,
    }
    if target:
        options["target_container"] = target
    if spec.host_users is False:
        # host_id is the kubelet's choice at run time
        options["userns_options"] = {"mode": "POD", "length": MAPPED_IDS, "container_id": 0}
    return options


def _context(pod: Pod) -> PodSecurityContext:
    return (pod.spec.security_context if pod.spec else None) or PodSecurityContext()


def _groups(context: PodSecurityContext) -> list[int]:
    first = [context.fs_group] if context.fs_group is not None else []
    return [*first, *(context.supplemental_groups or ())]


def _seccomp(profile: SeccompProfile, root: str) -> dict[str, str]:
    if profile.type == "Localhost":
        return {
            "profile_type": "Localhost",
            "localhost_ref": f"{root}/seccomp/{profile.localhost_profile or ''}",
        }
    return {"profile_type": "RuntimeDefault" if profile.type == "RuntimeDefault" else "Unconfined"}


def _apparmor(profile: AppArmorProfile) -> dict[str, str]:
    if profile.type == "Localhost":
        return {"profile_type": "Localhost", "localhost_ref": profile.localhost_profile or ""}
    return {"profile_type": profile.type or ""}


def _selinux(options: SELinuxOptions) -> dict[str, str]:
    parts = {"user": options.user, "role": options.role, "type": options.type, "level": options.level}
    return {name: part or "" for name, part in parts.items()}
