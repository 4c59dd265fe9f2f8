"""Which kernel namespaces are the node's and which are the pod's or the container's own."""

from .context import Namespaces, Scope
from .subject import Subject
from .value import Field, Origin, Unknown

__all__ = ["resolve_namespaces", "resolve_user_namespace"]

_CGROUP_V2 = "/sys/fs/cgroup/cgroup.controllers"
"""Exists exactly where the node runs cgroup v2. Source: linux Documentation/admin-guide/cgroup-v2.rst."""

_OWN: Field[Scope] = Field("own", Origin("kubernetes", (), "not set"))
_HOST_USERS: Field[Scope] = Field("host", Origin("kubernetes", (), "hostUsers is not set"))
_CGROUP_UNKNOWN = Unknown("not known whether the node runs cgroup v1 or v2")


def resolve_user_namespace(subject: Subject) -> Field[Scope]:
    """Follow hostUsers."""
    host = subject.spec.host_users
    if host is None:
        return _HOST_USERS
    return Field("host" if host else "own", subject.in_spec("hostUsers"))


def resolve_namespaces(subject: Subject) -> Namespaces:
    """Follow hostUsers, hostPID, hostNetwork and hostIPC; privileged changes none.

    containerd shares uts with the network. Source: cri-o server/sandbox_run_linux.go, which never does.
    """
    spec = subject.spec
    pid = _scope(subject, spec.host_pid, "hostPID")
    if not spec.host_pid and spec.share_process_namespace:
        pid = Field("own", subject.in_spec("shareProcessNamespace", text="one for all containers of the pod"))
    return Namespaces(
        user=resolve_user_namespace(subject),
        pid=pid,
        net=_scope(subject, spec.host_network, "hostNetwork"),
        ipc=_scope(subject, spec.host_ipc, "hostIPC"),
        mnt=Field("own", subject.by_runtime("always")),
        uts=(
            _scope(subject, spec.host_network, "hostNetwork")
            if subject.runtime.host_uts
            else Field("own", subject.by_runtime("always"))
        ),
        cgroup=_cgroup(subject),
    )


def _scope(subject: Subject, host: bool | None, field: str) -> Field[Scope]:
    if host is None:
        return _OWN
    return Field("host" if host else "own", subject.in_spec(field))


def _cgroup(subject: Subject) -> Field[Scope]:
    # On cgroup v1 runtimes leave the node's namespace; on v2 each container has its own, unless privileged.
    # Source: containerd internal/cri/server/container_create_linux.go.
    if subject.privileged:
        return Field(
            "host", subject.in_container("privileged", text="privileged: the node's cgroup namespace")
        )
    origin = subject.by_runtime("own on cgroup v2, the node's on v1")
    if subject.node.paths is None:
        return Field(_CGROUP_UNKNOWN, origin)
    return Field("own" if _CGROUP_V2 in subject.node.paths else "host", origin)
