"""Container over pod over image over runtime default, field by field: the one place where the rules meet."""

from ..kube.target_os import is_for_windows
from .apparmor import resolve_apparmor
from .capabilities import resolve_capabilities
from .container_in_pod import ContainerInPod
from .context import EffectiveSecurityContext
from .namespaces import resolve_namespaces
from .privileges import resolve_devices, resolve_no_new_privs, resolve_privileged
from .proc_paths import resolve_masked_paths, resolve_proc_mount, resolve_readonly_paths
from .root_filesystem import resolve_read_only_root, resolve_writable
from .seccomp import resolve_seccomp
from .selinux import resolve_selinux
from .sysctls import resolve_sysctls
from .users import requested_user, resolve_run_as_non_root, resolve_user
from .volumes import resolve_fs_group, resolve_volumes
from .windows import withdraw_on_windows

__all__ = ["resolve"]


def resolve(placed: ContainerInPod) -> EffectiveSecurityContext:
    """Merge container over pod over image over runtime default, field by field, keeping each value's origin.

    Where the image is unknown, user and groups resolve to Unknown, never to root by silence. What a policy
    edited has the policy as its origin.
    Source: kubernetes pkg/securitycontext/util.go, DetermineEffectiveSecurityContext.
    """
    linux = _on_linux(placed)
    return withdraw_on_windows(linux) if is_for_windows(placed.pod) else linux


def _on_linux(placed: ContainerInPod) -> EffectiveSecurityContext:
    user = resolve_user(placed, requested_user(placed))
    capabilities = resolve_capabilities(placed, user.uid)
    volumes = resolve_volumes(placed, user, capabilities)
    return EffectiveSecurityContext(
        uid=user.uid,
        gid=user.gid,
        groups=user.groups,
        run_as_non_root=resolve_run_as_non_root(placed),
        capabilities=capabilities,
        no_new_privs=resolve_no_new_privs(placed),
        privileged=resolve_privileged(placed),
        read_only_root=resolve_read_only_root(placed),
        writable=resolve_writable(placed, user),
        proc_mount=resolve_proc_mount(placed),
        masked_paths=resolve_masked_paths(placed),
        readonly_paths=resolve_readonly_paths(placed),
        seccomp=resolve_seccomp(placed),
        apparmor=resolve_apparmor(placed),
        selinux=resolve_selinux(placed),
        sysctls=resolve_sysctls(placed),
        fs_group=resolve_fs_group(placed, volumes),
        volumes=volumes,
        namespaces=resolve_namespaces(placed),
        devices=resolve_devices(placed),
    )
