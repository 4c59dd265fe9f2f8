"""The pod's phase, from the states of its containers.

Source: kubernetes pkg/kubelet/kubelet_pods.go, getPhase (1.37).
"""

from collections.abc import Mapping
from typing import Any

from ..kube.visit import INIT_CONTAINERS, visit_mappings
from .restarts import should_restart

__all__ = ["phase_of"]


def phase_of(
    spec: Mapping[str, Any], statuses: Mapping[str, Mapping[str, Any]], *, terminal: bool, initialized: bool
) -> str:
    """Give `Pending`, `Running`, `Succeeded` or `Failed`.

    `statuses` maps names to container statuses. `terminal`: nothing will be started again. `initialized`: a
    regular container has run, after which a restarting sidecar no longer makes the pod Pending.
    """
    pending, broken = _initialization(spec, statuses, initialized)
    if broken:
        return "Failed"
    running, waiting, stopped, succeeded, ended, unknown = _sidecars(spec, statuses)
    for container in spec.get("containers") or ():
        state, last = _states(statuses.get(container["name"]))
        if "running" in state:
            running += 1
        elif "terminated" in state or ("waiting" in state and last is not None):
            code = int((state.get("terminated") or last or {}).get("exitCode") or 0)
            stopped += 1
            ended += not should_restart(container, spec, code)
            succeeded += "terminated" in state and code == 0
        elif "waiting" in state:
            waiting += 1
        else:
            unknown += 1
    if pending or waiting:
        return "Pending"
    if running and not unknown:
        return "Running"
    if stopped and not unknown:
        if not terminal and stopped != ended:
            return "Running"
        return "Succeeded" if stopped == succeeded else "Failed"
    return "Pending"


def _states(status: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    if status is None:
        return {}, None
    return status.get("state") or {}, (status.get("lastState") or {}).get("terminated")


def _initialization(
    spec: Mapping[str, Any], statuses: Mapping[str, Mapping[str, Any]], initialized: bool
) -> tuple[bool, bool]:
    """Say whether init containers keep the pod Pending, and whether one failed for good."""
    pending = False
    for kind, container, _ in visit_mappings(spec, fields=INIT_CONTAINERS):
        status = statuses.get(container["name"])
        state, last = _states(status)
        if kind == "sidecar":
            begun = "running" in state and (status or {}).get("started") is True
            ended = "terminated" in state or ("waiting" in state and last is not None)
            pending = pending or not (begun or ended or initialized)
            continue
        ended_state = state.get("terminated") or (last if "waiting" in state else None)
        if ended_state is None:
            pending = True
        elif int(ended_state.get("exitCode") or 0) and not should_restart(
            container, spec, int(ended_state["exitCode"])
        ):
            return pending, True
    return pending, False


def _sidecars(
    spec: Mapping[str, Any], statuses: Mapping[str, Mapping[str, Any]]
) -> tuple[int, int, int, int, int, int]:
    running = waiting = unknown = 0
    for kind, container, _ in visit_mappings(spec, fields=INIT_CONTAINERS):
        if kind != "sidecar":
            continue
        state, last = _states(statuses.get(container["name"]))
        if "running" in state:
            running += 1
        elif "waiting" in state and last is None:
            waiting += 1
        elif not state:
            unknown += 1
    return running, waiting, 0, 0, 0, unknown
