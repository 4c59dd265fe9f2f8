"""Which container of a pod, and which attempt at it, is meant when logs or a command in it are asked for.

A pod with its status and a name go in, names and ids come out, or a refusal in kubectl's or the kubelet's
words.
Source: k8s.io/kubectl pkg/cmd/util/podcmd/podcmd.go, pkg/polymorphichelpers/logsforobject.go (0.37);
kubernetes pkg/kubelet/kubelet_pods.go, validateContainerLogStatus (1.37).
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ..kube.go_format import quote

__all__ = ["NoSuchContainer", "attempt_with_logs", "choose_container", "container_status", "running_attempt"]

_DEFAULT = "kubectl.kubernetes.io/default-container"
_GROUPS = (
    ("containers", "containerStatuses", ""),
    ("ephemeralContainers", "ephemeralContainerStatuses", " (ephem)"),
    ("initContainers", "initContainerStatuses", " (init)"),
)
"""In the order in which kubectl lists them."""

_PULLS = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


class NoSuchContainer(Exception):
    """Says why there is no such container, or none of its attempts that is asked for."""


class ChosenContainer(msgspec.Struct, frozen=True):
    """A container's name, and what to tell the person for whom it was chosen; "" for nothing."""

    name: str
    note: str = ""


def choose_container(pod: Mapping[str, Any], name: str | None) -> ChosenContainer:
    """Choose the container of a name, or the pod's default one. Raises NoSuchContainer."""
    spec, metadata = pod.get("spec") or {}, pod.get("metadata") or {}
    listed = [
        (str(container.get("name")), mark)
        for field, _, mark in _GROUPS
        for container in spec.get(field) or ()
    ]
    names = ", ".join(f"{one}{mark}" for one, mark in listed)
    wanted = name or (metadata.get("annotations") or {}).get(_DEFAULT)
    if wanted:
        if wanted not in [one for one, _ in listed]:
            who = metadata.get("name")
            raise NoSuchContainer(f"container {wanted} is not valid for pod {who} out of: {names}")
        return ChosenContainer(wanted)
    first = listed[0][0]
    note = f"Defaulted container {quote(first)} out of: {names}" if len(listed) > 1 else ""
    return ChosenContainer(first, note)


def container_status(pod: Mapping[str, Any], container: str) -> Mapping[str, Any]:
    """Give the status of a container, {} before it has one."""
    status = pod.get("status") or {}
    for _, field, _ in _GROUPS:
        for one in status.get(field) or ():
            if one.get("name") == container:
                found: Mapping[str, Any] = one
                return found
    return {}


def running_attempt(pod: Mapping[str, Any], container: str) -> str | None:
    """Give the runtime's id of a container that runs; None when it does not."""
    status = container_status(pod, container)
    return _id(status.get("containerID")) if (status.get("state") or {}).get("running") is not None else None


def attempt_with_logs(pod: Mapping[str, Any], container: str, *, previous: bool = False) -> str:
    """Give the runtime's id of the attempt whose log is meant; `previous`: of the one before that ended.

    Raises NoSuchContainer: there is none yet, or no more, in the kubelet's words.
    """
    status = container_status(pod, container)
    who = f"container {quote(container)} in pod {quote(pod['metadata']['name'])}"
    if not status:
        raise NoSuchContainer(f"{who} is not available")
    state = status.get("state") or {}
    last = _id(((status.get("lastState") or {}).get("terminated") or {}).get("containerID"))
    if previous:
        if not last:
            raise NoSuchContainer(f"previous terminated {who} not found")
        return last
    if state.get("running") is not None:
        return _id(status.get("containerID"))
    ended = state.get("terminated")
    if ended is not None or (status.get("lastState") or {}).get("terminated"):
        id = _id((ended or {}).get("containerID")) or last
        if not id:
            raise NoSuchContainer(f"{who} is terminated")
        return id
    reason = (state.get("waiting") or {}).get("reason")
    if reason is None:
        raise NoSuchContainer(f"{who} is waiting to start - no logs yet")
    raise NoSuchContainer(f"{who} is waiting to start: {_PULLS.get(reason, reason)}")


def _id(written: str | None) -> str:
    """Take the runtime's name off an id: `containerd://0a1b`."""
    return str(written or "").rpartition("//")[2]
