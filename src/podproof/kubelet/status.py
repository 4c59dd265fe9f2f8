"""Builds a pod's `.status`: what the runtime said of its containers goes in, what the API shows comes out.

Nothing here reads a clock or talks to a runtime.
Source: kubernetes pkg/kubelet/kubelet_pods.go, convertToAPIContainerStatuses and generateAPIPodStatus (1.37).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ..kube.visit import ContainerField, ContainerKind, visit_mappings
from .conditions import SandboxState, conditions_of
from .instance import Instance
from .phase import phase_of
from .pod_actions import should_be_restarted
from .resources import quality_of_service

__all__ = ["ContainerRuntimeState", "PodRuntimeState", "build_status", "timestamp"]


_STATUS_FIELDS: dict[str, ContainerField] = {
    "initContainerStatuses": "initContainers",
    "containerStatuses": "containers",
    "ephemeralContainerStatuses": "ephemeralContainers",
}
"""Fields of the status, and those of the spec whose containers they list."""


class ContainerRuntimeState(msgspec.Struct, frozen=True):
    """What is known of one container.

    `instance` is its latest attempt, `last` the one before. `waiting` is the reason and message of the last
    failed start, None after one that worked. `started` and `ready` are the probes' word.
    """

    instance: Instance | None = None
    last: Instance | None = None
    waiting: tuple[str, str] | None = None
    started: bool = False
    ready: bool = False


class PodRuntimeState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the pod itself; `reason` and `message` are its own (a rejection, a deadline).

    `started_at` in seconds since the epoch, 0 for never. `terminal`: nothing is started any more. `phase`
    None: the containers decide. Addresses are "" while there are none.
    """

    sandbox: SandboxState = "none"
    pod_ip: str = ""
    host_ip: str = ""
    started_at: float = 0.0
    runtime: str = "containerd"
    recursive_read_only: bool = False
    terminal: bool = False
    phase: str | None = None
    reason: str = ""
    message: str = ""


def timestamp(seconds: float) -> str | None:
    """Write a time as the API does, to the second and in UTC; None for never."""
    if not seconds:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def build_status(
    pod: Mapping[str, Any],
    containers: Mapping[str, ContainerRuntimeState],
    state: PodRuntimeState,
    previous: Mapping[str, Any],
    now: float,
) -> dict[str, Any]:
    """Build the status; `previous` is the one before, whose conditions keep the time of their last change.

    `containers` has what is known of each container, by name; `now` is in seconds since the epoch.
    """
    spec = pod.get("spec") or {}
    if state.phase == "Failed" and state.sandbox == "none" and state.reason:
        return _rejected(pod, state)
    listed = {field: _statuses(spec, listing, containers, state) for field, listing in _STATUS_FIELDS.items()}
    statuses = {s["name"]: s for s in listed["initContainerStatuses"] + listed["containerStatuses"]}
    phase = _phase(spec, statuses, containers, state, previous)
    # while containers of an ended pod may still run, its phase is not yet an end, though its conditions are
    ending = phase in ("Failed", "Succeeded") and not state.terminal
    status: dict[str, Any] = {
        "phase": previous.get("phase") or "Pending" if ending else phase,
        "conditions": _timed(conditions_of(spec, statuses, phase, state.sandbox), previous, now),
        "qosClass": quality_of_service(pod),
        "observedGeneration": 1,
        "startTime": timestamp(state.started_at),
        **{field: entries for field, entries in listed.items() if entries},
    }
    if state.reason:
        status["reason"] = state.reason
    if state.message:
        status["message"] = state.message
    for name, address in (("hostIP", state.host_ip), ("podIP", state.pod_ip)):
        if address:
            status[name] = address
            status[f"{name}s"] = [{"ip": address}]
    return status


def _phase(
    spec: Mapping[str, Any],
    statuses: Mapping[str, Mapping[str, Any]],
    containers: Mapping[str, ContainerRuntimeState],
    state: PodRuntimeState,
    previous: Mapping[str, Any],
) -> str:
    """Give the phase: one that was decided, else an end that was reached, else the containers'."""
    if state.phase is not None:
        return state.phase
    if previous.get("phase") in ("Failed", "Succeeded"):
        return str(previous["phase"])  # a pod never leaves an end
    begun = any(
        (known := containers.get(container["name"])) is not None
        and known.instance is not None
        and known.instance.state in ("running", "exited")
        for container in spec.get("containers") or ()
    )
    return phase_of(spec, statuses, terminal=state.terminal, initialized=begun)


def _rejected(pod: Mapping[str, Any], state: PodRuntimeState) -> dict[str, Any]:
    return {
        "phase": "Failed",
        "reason": state.reason,
        "message": state.message,
        "qosClass": quality_of_service(pod),
        "observedGeneration": 1,
        "startTime": timestamp(state.started_at),
    }


def _statuses(
    spec: Mapping[str, Any],
    field: ContainerField,
    containers: Mapping[str, ContainerRuntimeState],
    state: PodRuntimeState,
) -> list[dict[str, Any]]:
    """List the statuses of the containers in one field; init containers alone keep the spec's order.

    Source: kubernetes pkg/kubelet/types, SortedContainerStatuses.
    """
    listed = [
        _container_status(
            container, spec, containers.get(container["name"]) or ContainerRuntimeState(), state, kind
        )
        for kind, container, _ in visit_mappings(spec, fields=(field,))
    ]
    if field != "initContainers":
        listed.sort(key=lambda status: status["name"])
    return listed


def _container_status(
    container: Mapping[str, Any],
    spec: Mapping[str, Any],
    known: ContainerRuntimeState,
    pod: PodRuntimeState,
    kind: ContainerKind,
) -> dict[str, Any]:
    current, last = _states(container, spec, known, pod, kind)
    readiness = _readiness(known, kind, running="running" in current)
    status: dict[str, Any] = {
        "name": container["name"],
        "image": container.get("image") or "",
        "imageID": "",
        "lastState": last,
        "ready": readiness["ready"],
        "restartCount": 0,
        "state": current,
    }
    if known.instance is not None:
        status |= _of_instance(container, known.instance, pod)
    status |= readiness
    mounts = _mounts(container.get("volumeMounts") or (), pod)
    if mounts:
        status["volumeMounts"] = mounts
    return status


def _of_instance(container: Mapping[str, Any], instance: Instance, pod: PodRuntimeState) -> dict[str, Any]:
    """Give the fields that only a container has which a runtime has made."""
    resources = container.get("resources") or {}
    fields: dict[str, Any] = {
        "image": instance.image or container.get("image") or "",
        "imageID": instance.image_id,
        "containerID": f"{pod.runtime}://{instance.id}",
        "restartCount": instance.restart_count,
        "resources": dict(resources),
    }
    if resources.get("requests"):
        fields["allocatedResources"] = dict(resources["requests"])
    return fields


def _states(
    container: Mapping[str, Any],
    spec: Mapping[str, Any],
    known: ContainerRuntimeState,
    pod: PodRuntimeState,
    kind: ContainerKind,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give `state` and `lastState`; a container that waits to be started again shows its end as the last."""
    last = _state(known.last, pod) if known.last is not None else {}
    if known.instance is not None:
        current = _state(known.instance, pod)
    else:
        initial = bool(spec.get("initContainers"))
        current = {"waiting": {"reason": "PodInitializing" if initial else "ContainerCreating"}}
    if known.waiting is None or not _is_wanted(container, spec, known.instance, kind, pod.terminal):
        return current, last
    reason, message = known.waiting
    waiting = {"waiting": {"reason": reason, **({"message": message} if message else {})}}
    return waiting, current if "terminated" in current else last


def _is_wanted(
    container: Mapping[str, Any],
    spec: Mapping[str, Any],
    instance: Instance | None,
    kind: ContainerKind,
    terminal: bool,
) -> bool:
    """Tell whether the container is still to be started, once more or at all."""
    if kind == "ephemeral":
        return instance is None
    if terminal:
        return False
    if kind == "init" and _has_succeeded(instance):
        return False
    return should_be_restarted(container, spec, instance)


def _readiness(known: ContainerRuntimeState, kind: ContainerKind, *, running: bool) -> dict[str, bool]:
    """Give `ready` and `started`: an init container is ready once it has succeeded, ephemeral ones never."""
    if kind == "ephemeral":
        return {"ready": False}
    if kind == "init":
        return {"ready": _has_succeeded(known.instance), "started": False}
    started = running and known.started
    return {"ready": started and known.ready, "started": started}


def _has_succeeded(instance: Instance | None) -> bool:
    return instance is not None and instance.state == "exited" and instance.exit_code == 0


def _state(instance: Instance, pod: PodRuntimeState) -> dict[str, Any]:
    if instance.state == "running":
        return {"running": {"startedAt": timestamp(instance.started_at)}}
    if instance.state != "exited":
        return {"waiting": {}}
    ended: dict[str, Any] = {
        "containerID": f"{pod.runtime}://{instance.id}",
        "exitCode": instance.exit_code,
        "startedAt": timestamp(instance.started_at) or "1970-01-01T00:00:00Z",
        "finishedAt": timestamp(instance.finished_at),
    }
    if instance.reason:
        ended["reason"] = instance.reason
    if instance.message:
        ended["message"] = instance.message
    return {"terminated": ended}


def _mounts(mounts: Sequence[Mapping[str, Any]], pod: PodRuntimeState) -> list[dict[str, Any]]:
    listed = []
    for mount in mounts:
        entry: dict[str, Any] = {"name": mount.get("name"), "mountPath": mount.get("mountPath")}
        if mount.get("readOnly"):
            entry["readOnly"] = True
            recursive = mount.get("recursiveReadOnly") in ("Enabled", "IfPossible")
            entry["recursiveReadOnly"] = "Enabled" if recursive and pod.recursive_read_only else "Disabled"
        listed.append(entry)
    return listed


def _timed(conditions: list[dict[str, Any]], previous: Mapping[str, Any], now: float) -> list[dict[str, Any]]:
    before = {condition["type"]: condition for condition in previous.get("conditions") or ()}
    timed: list[dict[str, Any]] = []
    for condition in conditions:
        earlier = before.get(condition["type"])
        changed = timestamp(now)
        if earlier is not None and earlier["status"] == condition["status"]:
            changed = earlier["lastTransitionTime"]
        entry: dict[str, Any] = {"type": condition["type"], "status": condition["status"]}
        entry |= {"observedGeneration": 1, "lastProbeTime": None, "lastTransitionTime": changed}
        entry |= {name: condition[name] for name in ("reason", "message") if name in condition}
        timed.append(entry)
    return timed
