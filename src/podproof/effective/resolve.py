"""Container over pod over image over runtime default, field by field: the one place where the rules meet."""

from ..kube.pod import Container, Pod
from ..kube.target_os import is_for_windows
from ..kube.versions import NEWEST
from ..manifest.route import Route
from .apparmor import resolve_apparmor
from .capabilities import resolve_capabilities
from .context import EffectiveSecurityContext
from .image import ImageConfig
from .namespaces import resolve_namespaces
from .node import Node
from .privileges import resolve_devices, resolve_no_new_privs, resolve_privileged
from .proc_paths import resolve_masked_paths, resolve_proc_mount, resolve_readonly_paths
from .root_filesystem import resolve_read_only_root, resolve_writable
from .runtime import DEFAULT_RUNTIME, RUNTIMES, RuntimeProfile
from .seccomp import resolve_seccomp
from .selinux import resolve_selinux
from .subject import ContainerKind, Provenance, Subject, make_subject
from .sysctls import resolve_sysctls
from .users import requested_user, resolve_run_as_non_root, resolve_user
from .volumes import resolve_fs_group, resolve_volumes
from .windows import on_windows

__all__ = ["make_subject", "resolve", "resolve_subject"]

_UNKNOWN_NODE = Node()


def resolve(
    container: Container,
    pod: Pod,
    image: ImageConfig | None = None,
    *,
    route: Route,
    kind: ContainerKind = "container",
    node: Node = _UNKNOWN_NODE,
    runtime: RuntimeProfile = RUNTIMES[DEFAULT_RUNTIME],
    version: int = NEWEST,
    provenance: Provenance | None = None,
) -> EffectiveSecurityContext:
    """Merge container over pod over image over runtime default, field by field, keeping each value's origin.

    `image` None means unknown: user and groups then resolve to Unknown, never to root by silence. `route` is
    the container's route in the Pod object; `provenance` maps routes that a policy edited to their origins.
    Source: kubernetes pkg/securitycontext/util.go, DetermineEffectiveSecurityContext.
    """
    return resolve_subject(
        make_subject(
            container,
            pod,
            image,
            route=route,
            kind=kind,
            node=node,
            runtime=runtime,
            version=version,
            provenance=provenance,
        )
    )


def resolve_subject(subject: Subject) -> EffectiveSecurityContext:
    """Do what `resolve` does for a subject that is already put together."""
    linux = _on_linux(subject)
    return on_windows(linux) if is_for_windows(subject.pod) else linux


def _on_linux(subject: Subject) -> EffectiveSecurityContext:
    user = resolve_user(subject, requested_user(subject))
    return EffectiveSecurityContext(
        uid=user.uid,
        gid=user.gid,
        groups=user.groups,
        run_as_non_root=resolve_run_as_non_root(subject),
        capabilities=resolve_capabilities(subject, user.uid),
        no_new_privs=resolve_no_new_privs(subject),
        privileged=resolve_privileged(subject),
        read_only_root=resolve_read_only_root(subject),
        writable=resolve_writable(subject, user),
        proc_mount=resolve_proc_mount(subject),
        masked_paths=resolve_masked_paths(subject),
        readonly_paths=resolve_readonly_paths(subject),
        seccomp=resolve_seccomp(subject),
        apparmor=resolve_apparmor(subject),
        selinux=resolve_selinux(subject),
        sysctls=resolve_sysctls(subject),
        fs_group=resolve_fs_group(subject),
        volumes=resolve_volumes(subject),
        namespaces=resolve_namespaces(subject),
        devices=resolve_devices(subject),
    )
