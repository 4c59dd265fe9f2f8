"""What an attacker has to know about a container: the container and its process go in, a Target comes out.

The process is observed here, before anything is attacked.
"""

from pathlib import Path

import msgspec

from ...effective.container_in_pod import ContainerInPod
from ...effective.resolve import resolve
from ...effective.value import Unknown
from ...runtimes.attackers import Target
from ...runtimes.observation import ObservationRequest, observe, wait_for_start
from ...runtimes.observation.enforced import observe_enforced
from ...runtimes.observation.status import parse_status
from ...runtimes.pods.values import RunningContainer

__all__ = ["make_target"]


def make_target(
    placed: ContainerInPod,
    running: RunningContainer,
    *,
    capabilities: tuple[str, ...] | None,
    crio: bool = False,
) -> Target:
    """Observe a container's process, unless it has ended. `capabilities` are the node's.

    `crio`: the runtime is cri-o, which mounts account files of its own.
    """
    predicted = resolve(placed)
    sysctls = predicted.sysctls.value
    mounts = placed.container.volume_mounts or ()
    paths = {mount.name or "": mount.mount_path or "" for mount in mounts}
    request = ObservationRequest(
        () if isinstance(sysctls, Unknown) else tuple(name for name, _ in sysctls), paths
    )
    target = Target(
        name=placed.container.name or "",
        running=running,
        predicted=predicted,
        asked=request,
        volumes=_own_volumes(placed),
        capabilities=capabilities,
    )
    inner = _inner_pid(running.pid)
    if running.pid is None or inner is None:
        return target
    return msgspec.structs.replace(
        target,
        observed=observe(running.pid, request),
        enforced=observe_enforced(running.pid, running.request.mounts, crio=crio),
        pid=running.pid,
        inner_pid=inner,
    )


def _inner_pid(pid: int | None) -> int | None:
    """Give the pid as the process's own PID namespace counts; None when it is gone."""
    if pid is None or not wait_for_start(pid):
        return None
    try:
        return parse_status(Path(f"/proc/{pid}/status").read_text()).inner_pid
    except (OSError, ValueError):
        return None


def _own_volumes(placed: ContainerInPod) -> dict[str, str]:
    """Name the volumes that are the pod's own and that the container may write: no file of the node's."""
    own = {
        volume.name
        for volume in placed.spec.volumes or ()
        if volume.empty_dir is not None or volume.persistent_volume_claim is not None
    }
    return {
        mount.name or "": mount.mount_path or ""
        for mount in placed.container.volume_mounts or ()
        if mount.name in own and not mount.read_only and not mount.sub_path and not mount.sub_path_expr
    }
