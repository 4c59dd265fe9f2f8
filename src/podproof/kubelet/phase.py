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
    running, waiting = _sidecars(spec, statuses)
    stopped = succeeded = ended = 0
    for container in spec.get("containers") or ():
        status = statuses.get(container["name"]) or {}
        end = _end(status)
        if _is(status, "running"):
            running += 1
        elif end is not None:
            code = end["exitCode"]
            stopped += 1
            ended += not should_restart(container, spec, code)
            succeeded += _is(status, "terminated") and code == 0
        else:
            waiting += 1
    if pending or waiting:
        return "Pending"
    if running:
        return "Running"
    if stopped:
        if not terminal and stopped != ended:
            return "Running"
        return "Succeeded" if stopped == succeeded else "Failed"
    return "Pending"


def _is(status: Mapping[str, Any], state: str) -> bool:
    return state in (status.get("state") or {})


def _end(status: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give the end that counts: the present one, or the last one of a container that waits to start again."""
    if _is(status, "terminated"):
        return status["state"]["terminated"]  # type: ignore[no-any-return] # a decoded status
    if _is(status, "waiting"):
        return (status.get("lastState") or {}).get("terminated")
    return None


def _initialization(
    spec: Mapping[str, Any], statuses: Mapping[str, Mapping[str, Any]], initialized: bool
) -> tuple[bool, bool]:
    """Say whether init containers keep the pod Pending, and whether one failed for good."""
    pending = False
    for kind, container, _ in visit_mappings(spec, fields=INIT_CONTAINERS):
        status = statuses.get(container["name"]) or {}
        end = _end(status)
        if kind == "sidecar":
            begun = _is(status, "running") and status.get("started") is True
            pending = pending or not (begun or end is not None or initialized)
        elif end is None:
            pending = True
        elif end["exitCode"] and not should_restart(container, spec, end["exitCode"]):
            return pending, True
    return pending, False


def _sidecars(spec: Mapping[str, Any], statuses: Mapping[str, Mapping[str, Any]]) -> tuple[int, int]:
    """Count the sidecars that run and those that have never run; an end of one counts for nothing."""
    running = waiting = 0
    for kind, container, _ in visit_mappings(spec, fields=INIT_CONTAINERS):
        status = statuses.get(container["name"]) or {}
        if kind == "sidecar":
            running += _is(status, "running")
            waiting += not _is(status, "running") and _end(status) is None
    return running, waiting
