"""How far a pod has come in a run: whether it is ready or waits for something that will not come, and why.

A pod's snapshot goes in. This module never waits.
"""

from collections.abc import Mapping
from typing import Any

from ...runtimes.pods.values import PodSnapshot

__all__ = ["debuggers_ended", "is_crashing", "is_ready", "is_stuck", "why"]

_HOPELESS = frozenset(
    (
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImagePullBackOff",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    )
)
"""Waiting reasons that nothing in a run of fixed manifests and images will change."""

_HOPELESS_EVENTS = frozenset(("FailedScheduling", "FailedMount", "FailedCreatePodSandBox"))

_MAX_RESTARTS = 5
"""A container that has been restarted so often and still crashes will not become ready."""


def is_ready(snapshot: PodSnapshot) -> bool:
    """Tell whether a pod has the condition Ready, or has succeeded."""
    status = snapshot.pod["status"]
    if status.get("phase") == "Succeeded":
        return True
    return any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions") or ())


def debuggers_ended(snapshot: PodSnapshot) -> bool | None:
    """Tell whether the pod's ephemeral containers have ended; None when it has none."""
    if not snapshot.pod["spec"].get("ephemeralContainers"):
        return None
    statuses = snapshot.pod["status"].get("ephemeralContainerStatuses") or ()
    return bool(statuses) and all("terminated" in (one.get("state") or {}) for one in statuses)


def is_crashing(snapshot: PodSnapshot) -> bool:
    """Tell whether a container has ended and waits to be started again."""
    statuses = _container_statuses(snapshot.pod["status"])
    return any(_waiting(one).get("reason") == "CrashLoopBackOff" for one in statuses)


def is_stuck(snapshot: PodSnapshot) -> bool:
    """Tell whether a pod waits for something that will not come: a wrong setting, an image, a volume."""
    status = snapshot.pod["status"]
    if status.get("phase") in ("Failed", "Succeeded"):
        return False
    if any(map(_is_hopeless, _container_statuses(status))):
        return True
    begun = any(container.get("containerID") for container in _container_statuses(status))
    return not begun and any(event.reason in _HOPELESS_EVENTS for event in snapshot.events)


def _is_hopeless(container: Mapping[str, Any]) -> bool:
    reason = _waiting(container).get("reason")
    crashing = reason == "CrashLoopBackOff" and int(container.get("restartCount") or 0) >= _MAX_RESTARTS
    return reason in _HOPELESS or crashing


def _waiting(container: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what a container waits for, nothing when it does not."""
    waiting: Mapping[str, Any] | None = (container.get("state") or {}).get("waiting")
    return waiting or {}


def _container_statuses(status: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    fields = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
    return [container for field in fields for container in status.get(field) or ()]


def why(snapshot: PodSnapshot) -> str:
    """Say in one line what a pod waits for or ended with; first what will not come, then what may."""
    status = snapshot.pod["status"]
    if status.get("reason"):
        return f"{status['reason']}: {status.get('message') or ''}".rstrip(": ")
    for container in sorted(_container_statuses(status), key=lambda container: not _is_hopeless(container)):
        name, waiting = f'container "{container["name"]}"', _waiting(container)
        if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
            return f"{name}: {waiting['reason']}: {waiting.get('message') or ''}".rstrip(": ")
        ended = (container.get("state") or {}).get("terminated") or {}
        if ended.get("exitCode"):
            return f"{name}: {ended.get('reason') or 'Error'}, exit code {ended['exitCode']}"
    for event in snapshot.events:
        if event.reason in _HOPELESS_EVENTS:
            return f"{event.reason}: {event.message}"
    return str(status.get("phase") or "")
