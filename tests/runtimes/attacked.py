"""Pods for tests of observing and attacking: a manifest comes in, its containers run as the kubelet asks for.

No worker: the requests come from `kubelet.cri` alone, volumes are plain folders owned as fsGroup says.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from images import GROUP, PASSWD, RECORDED, SLEEPER

from podproof.effective.container_in_pod import ContainerInPod, place_containers
from podproof.effective.context import EffectiveSecurityContext
from podproof.effective.image import ImageConfig
from podproof.effective.linux_capabilities import from_mask
from podproof.effective.node import Node
from podproof.effective.resolve import resolve
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod
from podproof.kubelet.security_contexts import (
    container_security_context,
    sandbox_security_context,
    sandbox_sysctls,
)
from podproof.runtimes.attackers import Target
from podproof.runtimes.embedded import SESSION_LABEL, EmbeddedEngine
from podproof.runtimes.engine import ContainerRequest, Mount, SandboxRequest
from podproof.runtimes.observation import ObservationRequest, observe, wait_for_start
from podproof.runtimes.observation.status import parse_status
from podproof.runtimes.pods.values import RunningContainer

IMAGES = {
    name: ImageConfig(user=settings.user, passwd=PASSWD, group=GROUP, entrypoint=(), command=SLEEPER)
    for name, settings in RECORDED.items()
}


@cache
def this_node() -> Node:
    """What this machine has, so that predictions are exact."""
    status = Path("/proc/self/status").read_text()
    bounding = next(line for line in status.splitlines() if line.startswith("CapBnd"))
    paths = [path for path in (*Path("/proc").iterdir(), *Path("/sys").iterdir()) if not path.name.isdigit()]
    more = ("/sys/firmware", "/sys/devices/virtual/powercap", "/sys/fs/cgroup/cgroup.controllers")
    throttles = Path("/sys/devices/system/cpu").glob("cpu[0-9]*/thermal_throttle")
    return Node(
        capabilities=from_mask(int(bounding.split()[1], 16)),
        apparmor=False,
        selinux=False,
        paths=(
            *(str(path) for path in paths),
            *(path for path in more if os.path.exists(path)),
            *(str(path) for path in throttles),
        ),
    )


def requests_of(
    engine: EmbeddedEngine, placed: ContainerInPod, volumes: Path
) -> tuple[ContainerRequest, dict[str, str]]:
    """The request for one container, and where it has which volume writable."""
    mounts = [
        Mount(mount.mount_path or "", str(volumes / (mount.name or "")), read_only=bool(mount.read_only))
        for mount in placed.container.volume_mounts or ()
    ]
    termination = volumes / f"log-{placed.container.name}"
    termination.write_text("")
    termination.chmod(0o666)
    hosts = volumes / "etc-hosts"
    hosts.write_text("127.0.0.1 localhost\n")
    request = ContainerRequest(
        name=placed.container.name or "",
        image=placed.container.image or "",
        command=("/bin/sh", "-c", "while :; do sleep 1; done"),
        mounts=(*mounts, Mount("/dev/termination-log", str(termination)), Mount("/etc/hosts", str(hosts))),
        labels={SESSION_LABEL: engine.session.id},
        log_path=f"{placed.container.name}.log",
        security=container_security_context(placed),
    )
    writable = {
        m.name or "": m.mount_path or "" for m in placed.container.volume_mounts or () if not m.read_only
    }
    return request, writable


@contextmanager
def attacked(engine: EmbeddedEngine, pod: dict[str, Any]) -> Iterator[tuple[Target, ...]]:
    """Run a pod's containers, observed and predicted; everything is removed afterwards."""
    typed = raw_pod(pod)
    name = pod["metadata"]["name"]
    features = engine.features()
    if pod["spec"].get("hostUsers") is False and not features.user_namespaces:
        pytest.skip(f"{features.name} {features.version} has no user namespaces")
    containers = place_containers(
        typed, Setting(images=IMAGES, node=this_node(), runtime=parse_runtime(features.runtime))
    )
    folder = engine.session.directory / name
    group = containers[0].pod_context.fs_group
    folder.mkdir()
    for volume in containers[0].spec.volumes or ():
        path = folder / (volume.name or "")
        path.mkdir()
        if group is not None:
            os.chown(path, -1, group)
        path.chmod(0o777 if group is None else 0o2777)
    sandbox = SandboxRequest(
        name=name,
        namespace="default",
        uid=f"uid-{name}",
        log_directory=str(folder),
        labels={SESSION_LABEL: engine.session.id},
        cgroup_parent=f"{engine.session.cgroup}/pod-{name}",
        sysctls=sandbox_sysctls(typed),
        security=sandbox_security_context(typed),
    )
    id = engine.run_sandbox(sandbox)
    try:
        yield tuple(_target(engine, placed, sandbox, id, folder) for placed in containers)
    finally:
        engine.stop_sandbox(id)
        engine.remove_sandbox(id)


def _target(
    engine: EmbeddedEngine, placed: ContainerInPod, sandbox: SandboxRequest, sandbox_id: str, folder: Path
) -> Target:
    request, writable = requests_of(engine, placed, folder)
    id = engine.create_container(sandbox_id, request, sandbox)
    engine.start_container(id)
    pid = engine.container(id).pid
    assert pid is not None
    assert wait_for_start(pid)
    predicted: EffectiveSecurityContext = resolve(placed)
    sysctls = predicted.sysctls.value
    assert isinstance(sysctls, tuple)
    asked = ObservationRequest(tuple(name for name, _ in sysctls), writable)
    observed = observe(pid, asked)
    return Target(
        name=request.name,
        running=RunningContainer(id, pid, request, sandbox, sandbox_id),
        predicted=predicted,
        observed=observed,
        asked=asked,
        pid=pid,
        inner_pid=parse_status(Path(f"/proc/{pid}/status").read_text()).inner_pid,
        volumes=writable,
        capabilities=this_node().capabilities,
    )
