"""Builds a pod's `.status`: what the runtime said of its containers goes in, what the API shows comes out.

Nothing here reads a clock or talks to a runtime.
Source: kubernetes pkg/kubelet/kubelet_pods.go, convertToAPIContainerStatuses and generateAPIPodStatus (1.37).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from .conditions import SandboxState, conditions_of
from .instance import Instance
from .phase import phase_of
from .pod_actions import is_sidecar, should_be_restarted
from .resources import quality_of_service

__all__ = ["ContainerRuntimeState", "PodRuntimeState", "build_status", "timestamp"]


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
    """What is known of the pod itself; `reason` and `message` are its own (a rejection, a deadline)."""

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
    held: Mapping[str, ContainerRuntimeState],
    view: PodRuntimeState,
    previous: Mapping[str, Any],
    now: float,
) -> dict[str, Any]:
    """Build the status; `previous` is the one before, whose conditions keep the time of their last change."""
    spec = pod.get("spec") or {}
    if view.phase == "Failed" and view.sandbox == "none" and view.reason:
        return _rejected(pod, view)
    initial = bool(spec.get("initContainers"))
    kinds = {
        field: [
            _container(
                container, spec, held.get(container["name"]) or ContainerRuntimeState(), view, initial, kind
            )
            for container in spec.get(kind) or ()
        ]
        for field, kind in (
            ("initContainerStatuses", "initContainers"),
            ("containerStatuses", "containers"),
            ("ephemeralContainerStatuses", "ephemeralContainers"),
        )
    }  # fmt: skip
    # Init containers alone keep the spec's order. Source: pkg/kubelet/types, SortedContainerStatuses
    for field in ("containerStatuses", "ephemeralContainerStatuses"):
        kinds[field].sort(key=lambda status: str(status["name"]))
    statuses = {s["name"]: s for s in kinds["initContainerStatuses"] + kinds["containerStatuses"]}
    begun = any(
        (h := held.get(c["name"])) is not None and h.instance is not None
        and h.instance.state in ("running", "exited")
        for c in spec.get("containers") or ()
    )  # fmt: skip
    phase = phase_of(spec, statuses, terminal=view.terminal, initialized=begun)
    if view.phase is not None:
        phase = view.phase
    elif previous.get("phase") in ("Failed", "Succeeded"):
        phase = previous["phase"]  # a pod never leaves an end
    # while containers of an ended pod may still run, its phase is not yet an end, though its conditions are
    ending = phase in ("Failed", "Succeeded") and not view.terminal
    status: dict[str, Any] = {
        "phase": previous.get("phase") or "Pending" if ending else phase,
        "conditions": _timed(conditions_of(spec, statuses, phase, view.sandbox), previous, now),
        "qosClass": quality_of_service(pod),
        "observedGeneration": 1,
        "startTime": timestamp(view.started_at),
        **{field: listed for field, listed in kinds.items() if listed},
    }
    if view.reason:
        status["reason"] = view.reason
    if view.message:
        status["message"] = view.message
    for name, address in (("hostIP", view.host_ip), ("podIP", view.pod_ip)):
        if address:
            status[name] = address
            status[f"{name}s"] = [{"ip": address}]
    return status


def _rejected(pod: Mapping[str, Any], view: PodRuntimeState) -> dict[str, Any]:
    return {
        "phase": "Failed",
        "reason": view.reason,
        "message": view.message,
        "qosClass": quality_of_service(pod),
        "observedGeneration": 1,
        "startTime": timestamp(view.started_at),
    }


def _container(
    container: Mapping[str, Any],
    spec: Mapping[str, Any],
    held: ContainerRuntimeState,
    view: PodRuntimeState,
    initial: bool,
    kind: str,
) -> dict[str, Any]:
    instance = held.instance
    status: dict[str, Any] = {
        "name": container["name"],
        "image": container.get("image") or "",
        "imageID": "",
        "lastState": {},
        "ready": False,
        "restartCount": 0,
        "state": {"waiting": {"reason": "PodInitializing" if initial else "ContainerCreating"}},
    }
    if instance is not None:
        status["image"] = instance.image or status["image"]
        status["imageID"] = instance.image_id
        status["containerID"] = f"{view.runtime}://{instance.id}"
        status["restartCount"] = instance.restart_count
        status["resources"] = dict(container.get("resources") or {})
        requests = (container.get("resources") or {}).get("requests")
        if requests:
            status["allocatedResources"] = dict(requests)
        status["state"] = _state(instance, view)
    if held.last is not None:
        status["lastState"] = _state(held.last, view)
    again = should_be_restarted(container, spec, instance) and not view.terminal
    if kind == "ephemeralContainers":
        again = instance is None
    succeeded = instance is not None and instance.state == "exited" and instance.exit_code == 0
    if kind == "initContainers" and succeeded and not is_sidecar(container):
        again = False
    if held.waiting is not None and again:
        if "terminated" in status["state"]:
            status["lastState"] = status["state"]
        reason, message = held.waiting
        status["state"] = {"waiting": {"reason": reason, **({"message": message} if message else {})}}
    running = "running" in status["state"]
    status["started"] = running and held.started
    status["ready"] = running and held.started and held.ready
    if kind == "initContainers" and not is_sidecar(container):
        status["ready"] = succeeded
        status["started"] = False
    if kind == "ephemeralContainers":
        status["ready"] = False
        del status["started"]
    mounts = _mounts(container.get("volumeMounts") or (), view)
    if mounts:
        status["volumeMounts"] = mounts
    return status


def _state(instance: Instance, view: PodRuntimeState) -> dict[str, Any]:
    if instance.state == "running":
        return {"running": {"startedAt": timestamp(instance.started_at)}}
    if instance.state != "exited":
        return {"waiting": {}}
    ended: dict[str, Any] = {
        "containerID": f"{view.runtime}://{instance.id}",
        "exitCode": instance.exit_code,
        "startedAt": timestamp(instance.started_at) or "1970-01-01T00:00:00Z",
        "finishedAt": timestamp(instance.finished_at),
    }
    if instance.reason:
        ended["reason"] = instance.reason
    if instance.message:
        ended["message"] = instance.message
    return {"terminated": ended}


def _mounts(mounts: Sequence[Mapping[str, Any]], view: PodRuntimeState) -> list[dict[str, Any]]:
    listed = []
    for mount in mounts:
        entry: dict[str, Any] = {"name": mount.get("name"), "mountPath": mount.get("mountPath")}
        if mount.get("readOnly"):
            entry["readOnly"] = True
            recursive = mount.get("recursiveReadOnly") in ("Enabled", "IfPossible")
            entry["recursiveReadOnly"] = "Enabled" if recursive and view.recursive_read_only else "Disabled"
        listed.append(entry)
    return listed


def _timed(conditions: list[dict[str, Any]], previous: Mapping[str, Any], now: float) -> list[dict[str, Any]]:
    before = {condition["type"]: condition for condition in previous.get("conditions") or ()}
    timed: list[dict[str, Any]] = []
    for condition in conditions:
        held = before.get(condition["type"])
        unchanged = held is not None and held["status"] == condition["status"]
        changed = held["lastTransitionTime"] if held and unchanged else timestamp(now)
        entry: dict[str, Any] = {"type": condition["type"], "status": condition["status"]}
        entry |= {"observedGeneration": 1, "lastProbeTime": None, "lastTransitionTime": changed}
        entry |= {name: condition[name] for name in ("reason", "message") if name in condition}
        timed.append(entry)
    return timed
