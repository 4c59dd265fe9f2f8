"""Which kernel namespaces are the node's and which are the pod's or the container's own."""

from .container_in_pod import ContainerInPod
from .context import Namespaces, Scope
from .value import Field, Origin, Unknown

__all__ = ["resolve_namespaces", "resolve_user_namespace"]

_CGROUP_V2 = "/sys/fs/cgroup/cgroup.controllers"
"""Exists exactly where the node runs cgroup v2. Source: linux Documentation/admin-guide/cgroup-v2.rst."""

_OWN: Field[Scope] = Field("own", Origin("kubernetes", (), "not set"))
_HOST_USERS: Field[Scope] = Field("host", Origin("kubernetes", (), "hostUsers is not set"))
_CGROUP_UNKNOWN = Unknown("not known whether the node runs cgroup v1 or v2")


def resolve_user_namespace(placed: ContainerInPod) -> Field[Scope]:
    """Follow hostUsers."""
    host = placed.spec.host_users
    if host is None:
        dropped = placed.dropped(("spec", "hostUsers"))
        return _HOST_USERS if dropped is None else Field("host", dropped)
    return Field("host" if host else "own", placed.in_spec("hostUsers"))


def resolve_namespaces(placed: ContainerInPod) -> Namespaces:
    """Follow hostUsers, hostPID, hostNetwork and hostIPC; privileged changes none.

    containerd shares uts with the network. Source: cri-o server/sandbox_run_linux.go, which never does.
    """
    spec = placed.spec
    pid = _scope(placed, spec.host_pid, "hostPID")
    if not spec.host_pid and spec.share_process_namespace:
        pid = Field("own", placed.in_spec("shareProcessNamespace", text="one for all containers of the pod"))
    return Namespaces(
        user=resolve_user_namespace(placed),
        pid=pid,
        net=_scope(placed, spec.host_network, "hostNetwork"),
        ipc=_scope(placed, spec.host_ipc, "hostIPC"),
        mnt=Field("own", placed.by_runtime("always")),
        uts=(
            _scope(placed, spec.host_network, "hostNetwork")
            if placed.setting.runtime.host_uts
            else Field("own", placed.by_runtime("always"))
        ),
        cgroup=_cgroup(placed),
    )


def _scope(placed: ContainerInPod, host: bool | None, field: str) -> Field[Scope]:
    if host is None:
        return _OWN
    return Field("host" if host else "own", placed.in_spec(field))


def _cgroup(placed: ContainerInPod) -> Field[Scope]:
    # On cgroup v1 runtimes leave the node's namespace; on v2 each container has its own, unless privileged.
    # Source: containerd internal/cri/server/container_create_linux.go.
    if placed.privileged:
        return Field(
            "host", placed.in_container("privileged", text="privileged: the node's cgroup namespace")
        )
    origin = placed.by_runtime("own on cgroup v2, the node's on v1")
    if placed.setting.node.paths is None:
        return Field(_CGROUP_UNKNOWN, origin)
    return Field("own" if _CGROUP_V2 in placed.setting.node.paths else "host", origin)
