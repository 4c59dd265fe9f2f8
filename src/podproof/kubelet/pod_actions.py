"""What the kubelet does next for a pod whose sandbox stands: a spec and what runs go in, actions come out.

It decides which containers to start and to kill and whether the pod is done; when (back-off) is the room
`restarts`'s business, how is the worker's.
Source: kubernetes pkg/kubelet/kuberuntime, computePodActions and computeInitContainerActions (1.37).
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from .instance import Instance
from .restarts import should_restart

__all__ = [
    "ContainerToKill",
    "KillReason",
    "PodActions",
    "ProbeResults",
    "compute_pod_actions",
    "is_sidecar",
    "should_be_restarted",
    "termination_order",
]

KillReason = Literal["", "StartupProbe", "LivenessProbe", "FailedPostStartHook"]


class ContainerToKill(msgspec.Struct, frozen=True):
    """A container to stop: `message` is its event's, `reason` decides whose grace period counts."""

    name: str
    id: str
    message: str
    reason: KillReason = ""


class PodActions(msgspec.Struct, frozen=True):
    """What to do now: kills first, then starts in this order. `kill_pod`: nothing is left to run for."""

    start: tuple[str, ...] = ()
    kill: tuple[ContainerToKill, ...] = ()
    kill_pod: bool = False


class ProbeResults(msgspec.Struct, frozen=True):
    """What the probes say of one running container; None while a probe has not decided."""

    started: bool = True
    startup: bool | None = None
    liveness: bool | None = None


def is_sidecar(container: Mapping[str, Any]) -> bool:
    """Tell an init container that keeps running."""
    return container.get("restartPolicy") == "Always"


def should_be_restarted(
    container: Mapping[str, Any], spec: Mapping[str, Any], instance: Instance | None
) -> bool:
    """Tell whether the container has to be started: never was, never ran, or ended and its policy says so."""
    if instance is None or instance.state in ("created", "unknown"):
        return True
    return instance.state == "exited" and should_restart(container, spec, instance.exit_code)


def compute_pod_actions(
    spec: Mapping[str, Any], instances: Mapping[str, Instance], probe_results: Mapping[str, ProbeResults]
) -> PodActions:
    """Compute what to do now; `instances` has the latest of each container by name, `probe_results` by id."""
    starts = [
        str(container["name"])
        for container in spec.get("ephemeralContainers") or ()
        if container["name"] not in instances
    ]
    initialized, failed, init_starts, kills = _initialize(spec, instances, probe_results)
    if failed:
        return PodActions(kill_pod=True)
    if not initialized:
        return PodActions((*starts, *init_starts), tuple(kills))
    kept, regular = 0, []
    for container in spec.get("containers") or ():
        name = str(container["name"])
        instance = instances.get(name)
        if instance is None or instance.state != "running":
            if should_be_restarted(container, spec, instance):
                regular.append(name)
            continue
        kill = _failed_probe(container, instance, probe_results.get(instance.id), "Container")
        if kill is None:
            kept += 1
            continue
        policy = container.get("restartPolicy") or spec.get("restartPolicy") or "Always"
        if policy != "Never":
            kill = msgspec.structs.replace(kill, message=f"{kill.message}, will be restarted")
            regular.append(name)
        kills.append(kill)
    if not kept and not regular:
        # sidecars alone do not keep a pod alive
        return PodActions(kill_pod=True)
    return PodActions((*starts, *init_starts, *regular), tuple(kills))


def _initialize(
    spec: Mapping[str, Any], instances: Mapping[str, Instance], probe_results: Mapping[str, ProbeResults]
) -> tuple[bool, bool, list[str], list[ContainerToKill]]:
    """Say whether initialization is done, whether it failed for good, and what to start and kill for it."""
    containers = list(spec.get("initContainers") or ())
    if not containers:
        return True, False, [], []
    done = any(
        (held := instances.get(container["name"])) is not None and held.state in ("running", "exited")
        for container in spec.get("containers") or ()
    )
    seen = done
    starts: list[str] = []
    kills: list[ContainerToKill] = []
    # From the last to the first: the latest one that exists tells how far initialization came.
    for index in range(len(containers) - 1, -1, -1):
        container = containers[index]
        name = str(container["name"])
        instance = instances.get(name)
        sidecar = is_sidecar(container)
        if instance is None:
            if seen and sidecar:
                starts.append(name)
            continue
        if seen and not sidecar:
            continue
        passed = False
        if instance.state == "running":
            if sidecar:
                passed, kill = _running_sidecar(container, instance, probe_results.get(instance.id))
                if kill is not None:
                    kills.append(kill)
                    starts.append(name)
        elif instance.state == "exited" and not sidecar:
            if instance.exit_code == 0:
                passed = True
            elif not should_restart(container, spec, instance.exit_code):
                return False, True, [], []
            else:
                starts.append(name)
        else:
            starts.append(name)
        if passed and index == len(containers) - 1:
            done = True
        elif passed and not seen:
            starts.append(str(containers[index + 1]["name"]))
        seen = True
    if not seen:
        starts.append(str(containers[0]["name"]))
    return done, False, starts[::-1], kills


def _running_sidecar(
    container: Mapping[str, Any], instance: Instance, results: ProbeResults | None
) -> tuple[bool, ContainerToKill | None]:
    """Say whether the next container may start after this sidecar, and whether a probe ended it."""
    results = results or ProbeResults()
    kill = _failed_probe(container, instance, results, "Init container")
    if container.get("startupProbe") is not None and not results.started:
        return False, kill
    return True, kill


def _failed_probe(
    container: Mapping[str, Any], instance: Instance, results: ProbeResults | None, what: str
) -> ContainerToKill | None:
    if results is None:
        return None
    name = str(container["name"])
    if results.liveness is False:
        return ContainerToKill(name, instance.id, f"{what} {name} failed liveness probe", "LivenessProbe")
    if results.startup is False:
        return ContainerToKill(name, instance.id, f"{what} {name} failed startup probe", "StartupProbe")
    return None


def termination_order(spec: Mapping[str, Any], running: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """Order the running containers for the pod's end: regular ones together, then sidecars last to first.

    A group starts to stop when the one before it has ended or its grace has passed.
    Source: kubernetes pkg/kubelet/kuberuntime/kuberuntime_termination_order.go.
    """
    sidecars = [str(c["name"]) for c in spec.get("initContainers") or () if is_sidecar(c)]
    first = tuple(sorted(running - set(sidecars)))
    later = tuple((name,) for name in reversed(sidecars) if name in running)
    return ((first,) if first else ()) + later
