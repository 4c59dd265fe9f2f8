"""What the kubelet does next for a pod whose sandbox stands: a spec and what runs go in, actions come out.

It decides which containers to start and to kill and whether the pod is done; when (back-off) is the room
`restarts`'s business, how is the worker's.
Source: kubernetes pkg/kubelet/kuberuntime, computePodActions and computeInitContainerActions (1.37).
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from ..kube.visit import INIT_CONTAINERS, is_sidecar, visit_mappings
from .instance import Instance
from .restarts import should_restart

__all__ = [
    "ContainerToKill",
    "KillReason",
    "PodActions",
    "ProbeResults",
    "compute_pod_actions",
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
    ephemeral = tuple(
        container["name"]
        for kind, container, _ in visit_mappings(spec)
        if kind == "ephemeral" and container["name"] not in instances
    )
    initial = _initialize(spec, instances, probe_results)
    if initial.failed:
        return PodActions(kill_pod=True)
    if not initial.done:
        return PodActions((*ephemeral, *initial.start), initial.kill)
    regular = _regular_actions(spec, instances, probe_results)
    if regular.kill_pod:
        return PodActions(kill_pod=True)
    return PodActions((*ephemeral, *initial.start, *regular.start), (*initial.kill, *regular.kill))


def _regular_actions(
    spec: Mapping[str, Any], instances: Mapping[str, Instance], probe_results: Mapping[str, ProbeResults]
) -> PodActions:
    """Say which regular containers to start and to kill; `kill_pod` when none is left to run for."""
    kept = 0
    starts: list[str] = []
    kills: list[ContainerToKill] = []
    for container in spec.get("containers") or ():
        name = container["name"]
        instance = instances.get(name)
        if instance is None or instance.state != "running":
            if should_be_restarted(container, spec, instance):
                starts.append(name)
            continue
        kill = _failed_probe(container, instance, probe_results.get(instance.id), "Container")
        if kill is None:
            kept += 1
            continue
        policy = container.get("restartPolicy") or spec.get("restartPolicy") or "Always"
        if policy != "Never":
            kill = msgspec.structs.replace(kill, message=f"{kill.message}, will be restarted")
            starts.append(name)
        kills.append(kill)
    # sidecars alone do not keep a pod alive
    return PodActions(tuple(starts), tuple(kills), kill_pod=not kept and not starts)


class _Initialization(msgspec.Struct, frozen=True):
    """How far the init containers are, and what to start and to kill for them."""

    done: bool = False
    failed: bool = False
    start: tuple[str, ...] = ()
    kill: tuple[ContainerToKill, ...] = ()


class _InitStep(msgspec.Struct, frozen=True):
    """What one init container that exists means: whether the next may start, and what it needs itself."""

    passed: bool = False
    failed: bool = False
    start: bool = False
    kill: ContainerToKill | None = None


def _initialize(
    spec: Mapping[str, Any], instances: Mapping[str, Instance], probe_results: Mapping[str, ProbeResults]
) -> _Initialization:
    """Walk the init containers from the last to the first: the latest that exists tells how far they came.

    Once a regular container has run, init containers are not run again, and sidecars are kept running.
    """
    containers = [container for _, container, _ in visit_mappings(spec, fields=INIT_CONTAINERS)]
    if not containers:
        return _Initialization(done=True)
    done = reached = _has_run_regular(spec, instances)
    starts: list[str] = []
    kills: list[ContainerToKill] = []
    for index in range(len(containers) - 1, -1, -1):
        container = containers[index]
        name = container["name"]
        instance = instances.get(name)
        if instance is None:
            if reached and is_sidecar(container):
                starts.append(name)
            continue
        if reached and not is_sidecar(container):
            continue
        step = _init_step(container, spec, instance, probe_results.get(instance.id))
        if step.failed:
            return _Initialization(failed=True)
        if step.kill is not None:
            kills.append(step.kill)
        if step.start:
            starts.append(name)
        if step.passed and index == len(containers) - 1:
            done = True
        elif step.passed and not reached:
            starts.append(containers[index + 1]["name"])
        reached = True
    if not reached:
        starts.append(containers[0]["name"])
    return _Initialization(done, False, tuple(reversed(starts)), tuple(kills))


def _has_run_regular(spec: Mapping[str, Any], instances: Mapping[str, Instance]) -> bool:
    return any(
        (instance := instances.get(container["name"])) is not None and instance.state in ("running", "exited")
        for container in spec.get("containers") or ()
    )


def _init_step(
    container: Mapping[str, Any], spec: Mapping[str, Any], instance: Instance, results: ProbeResults | None
) -> _InitStep:
    if is_sidecar(container):
        return _sidecar_step(container, instance, results or ProbeResults())
    if instance.state == "running":
        return _InitStep()
    if instance.state != "exited":
        return _InitStep(start=True)
    if instance.exit_code == 0:
        return _InitStep(passed=True)
    again = should_restart(container, spec, instance.exit_code)
    return _InitStep(start=again, failed=not again)


def _sidecar_step(container: Mapping[str, Any], instance: Instance, results: ProbeResults) -> _InitStep:
    if instance.state != "running":
        return _InitStep(start=True)
    kill = _failed_probe(container, instance, results, "Init container")
    # a startup probe that has not succeeded holds back the next container
    passed = container.get("startupProbe") is None or results.started
    return _InitStep(passed=passed, start=kill is not None, kill=kill)


def _failed_probe(
    container: Mapping[str, Any], instance: Instance, results: ProbeResults | None, what: str
) -> ContainerToKill | None:
    if results is None:
        return None
    name = container["name"]
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
    sidecars = [c["name"] for kind, c, _ in visit_mappings(spec) if kind == "sidecar"]
    first = tuple(sorted(running - set(sidecars)))
    later = tuple((name,) for name in reversed(sidecars) if name in running)
    return ((first,) if first else ()) + later
