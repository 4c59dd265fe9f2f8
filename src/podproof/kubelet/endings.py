"""Why the containers of a pod ended, for people: a pod's status goes in, a line for each container comes out.

The message is the runtime's where it could not start the container, else the termination message.
Source: kubernetes staging/src/k8s.io/api/core/v1/types.go, ContainerStateTerminated.
"""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["endings"]

_LONGEST = 1024
"""Characters of a message that are shown; a container may write 4096."""


def endings(pod: Mapping[str, Any]) -> Iterator[str]:
    """Tell of each container that failed and says why, or waits to be started again, with its last end."""
    status = pod.get("status") or {}
    name = (pod.get("metadata") or {}).get("name") or ""
    for field in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for container in status.get(field) or ():
            line = _ending(container)
            if line:
                yield f'{name}: container "{container["name"]}": {line}'


def _ending(container: Mapping[str, Any]) -> str:
    state = container.get("state") or {}
    waiting, ended = state.get("waiting") or {}, state.get("terminated")
    crashing = waiting.get("reason") == "CrashLoopBackOff"
    if crashing:
        ended = (container.get("lastState") or {}).get("terminated")
    if not ended or (not crashing and not ended.get("exitCode")):
        return ""
    message = " ".join(str(ended.get("message") or "").split())
    if not message and not crashing:
        return ""  # the table says as much
    if len(message) > _LONGEST:
        message = message[:_LONGEST] + "..."
    last = "last end: " if crashing else ""
    text = f"{last}{ended.get('reason') or 'Error'}, exit code {ended.get('exitCode')}"
    return f"{text}: {message}" if message else text
