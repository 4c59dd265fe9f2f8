"""The pod's conditions, as the kubelet sets them.

Source: kubernetes pkg/kubelet/status/generate.go (1.37).
"""

from collections.abc import Mapping
from typing import Any, Literal

from ..kube.visit import INIT_CONTAINERS, WITHOUT_EPHEMERAL, visit_mappings

__all__ = ["SandboxState", "conditions_of"]

SandboxState = Literal["none", "ready", "not ready"]

_SANDBOX_MESSAGES = {"none": "no pod sandbox exists", "not ready": "pod sandbox is not ready"}

Condition = dict[str, Any]


def conditions_of(
    spec: Mapping[str, Any], statuses: Mapping[str, Mapping[str, Any]], phase: str, sandbox: SandboxState
) -> list[Condition]:
    """List the five conditions in the kubelet's order, without times."""
    ready = _containers_ready(spec, statuses, phase)
    gates = _gates(spec) if ready["status"] == "True" else None
    sandbox_condition = (
        _condition("PodReadyToStartContainers", True)
        if sandbox == "ready"
        else _condition("PodReadyToStartContainers", False, "PodSandboxNotReady", _SANDBOX_MESSAGES[sandbox])
    )
    return [
        sandbox_condition,
        _initialized(spec, statuses, phase),
        gates or {**ready, "type": "Ready"},
        ready,
        _condition("PodScheduled", True),
    ]


def _condition(type: str, status: bool, reason: str = "", message: str = "") -> Condition:
    condition: Condition = {"type": type, "status": "True" if status else "False"}
    if reason:
        condition["reason"] = reason
    if message:
        condition["message"] = message
    return condition


def _containers_ready(
    spec: Mapping[str, Any], statuses: Mapping[str, Mapping[str, Any]], phase: str
) -> Condition:
    counted = [c["name"] for kind, c, _ in visit_mappings(spec, fields=WITHOUT_EPHEMERAL) if kind != "init"]
    unknown = [name for name in counted if name not in statuses]
    unready = [name for name in counted if name in statuses and not statuses[name].get("ready")]
    if phase == "Succeeded" and not unknown:
        return _condition("ContainersReady", False, "PodCompleted")
    if phase == "Failed":
        return _condition("ContainersReady", False, "PodFailed")
    message = ", ".join(
        f"containers with {what} status: [{' '.join(names)}]"
        for what, names in (("unknown", unknown), ("unready", unready))
        if names
    )
    if message:
        return _condition("ContainersReady", False, "ContainersNotReady", message)
    return _condition("ContainersReady", True)


def _initialized(spec: Mapping[str, Any], statuses: Mapping[str, Mapping[str, Any]], phase: str) -> Condition:
    incomplete = []
    for kind, container, _ in visit_mappings(spec, fields=INIT_CONTAINERS):
        status = statuses.get(container["name"]) or {}
        if not status.get("started" if kind == "sidecar" else "ready"):
            incomplete.append(container["name"])
    if phase == "Succeeded":
        return _condition("Initialized", True, "PodCompleted")
    begun = any(_has_run(statuses.get(container["name"])) for container in spec.get("containers") or ())
    if incomplete and not begun:
        message = f"containers with incomplete status: [{' '.join(incomplete)}]"
        return _condition("Initialized", False, "ContainersNotInitialized", message)
    return _condition("Initialized", True)


def _has_run(status: Mapping[str, Any] | None) -> bool:
    if status is None:
        return False
    state = status.get("state") or {}
    return bool(state.get("running") or state.get("terminated") or (status.get("lastState") or {}))


def _gates(spec: Mapping[str, Any]) -> Condition | None:
    missing = [
        f'corresponding condition of pod readiness gate "{gate.get("conditionType")}" does not exist.'
        for gate in spec.get("readinessGates") or ()
    ]
    if not missing:
        return None
    return _condition("Ready", False, "ReadinessGatesNotReady", ", ".join(missing))
