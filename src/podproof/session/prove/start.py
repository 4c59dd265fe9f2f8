"""How a container came to its start, for a proof: its status goes in, what it did and a comparison go out.

The predicted start is compared by reason and message; what lacks an image or an object is left open.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...effective.compare import Comparison
from ...effective.value import Origin, Unknown
from ...kubelet.start_prediction import StartPrediction

__all__ = ["NO_IMAGE", "NO_OBJECT", "blocker", "compare_start", "state_of"]

NO_IMAGE = "its image is not there"
NO_OBJECT = "an object that it refers to is not there"

_NO_IMAGE = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError")
"""Waiting reasons of a container whose image is not there. Source: kubernetes pkg/kubelet/images/types.go."""


def blocker(status: Mapping[str, Any]) -> str | None:
    """Name the init container that crashes again and again, so that none after it starts."""
    for one in status.get("initContainerStatuses") or ():
        waiting = (one.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") == "CrashLoopBackOff":
            return str(one.get("name"))
    return None


def state_of(status: Mapping[str, Any], name: str) -> tuple[str, str | None, str]:
    """Give in words what a container does, and the waiting reason and message when it does not start."""
    statuses: Sequence[Mapping[str, Any]] = [
        one
        for field in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
        for one in status.get(field) or ()
        if one.get("name") == name
    ]
    for condition in status.get("conditions") or ():
        if condition.get("reason") == "Unschedulable":
            return "not scheduled", "Unschedulable", str(condition.get("message") or "")
    if not statuses:
        reason = status.get("reason")
        return (str(reason) if reason else "not created"), reason, str(status.get("message") or "")
    state = statuses[0].get("state") or {}
    if "running" in state:
        return "running", None, ""
    if "terminated" in state:
        ended = state["terminated"]
        return f"ended: {ended.get('reason')}, exit code {ended.get('exitCode')}", None, ""
    waiting = state.get("waiting") or {}
    if (statuses[0].get("lastState") or {}).get("terminated"):
        return f"waiting: {waiting.get('reason')}", None, ""
    reason, message = waiting.get("reason"), str(waiting.get("message") or "")
    crashing = blocker(status)
    if reason == "PodInitializing" and crashing is not None:
        message = f"it waits for init container {crashing}, which is in CrashLoopBackOff"
    return f"waiting: {reason}", reason, message


def compare_start(prediction: StartPrediction, reason: str | None, message: str) -> Comparison:
    """Compare whether it started, and the kubelet's words when not; ids in the runtime's words vary."""
    observed = "started" if reason is None else f"{reason}: {message}".rstrip(": ")
    origin = Origin("kubernetes", (), "the kubelet's rules")
    lacking = _lacking(reason, message)
    if lacking and reason != prediction.reason:
        # no prediction was wrong: these have to be there before anything can be predicted
        predicted = prediction.starts if isinstance(prediction.starts, Unknown) else "started"
        return Comparison("start", predicted, observed, None, lacking, origin)
    if isinstance(prediction.starts, Unknown):
        why = f"not predicted: {prediction.starts.reason}"
        return Comparison("start", prediction.starts, observed, None, why, origin)
    if prediction.starts:
        return Comparison("start", "started", observed, reason is None, "", origin)
    expected = prediction.reason or ""
    predicted = f"{expected}: {prediction.message}".rstrip(": ")
    exact = prediction.reason in ("CreateContainerConfigError",) and "<" not in prediction.message
    equal = observed == predicted if exact else reason == expected
    return Comparison("start", predicted, observed, equal, "", origin)


def _lacking(reason: str | None, message: str) -> str:
    """Say what a container waits for that nobody gave with the manifests; "" when it does not wait for that.

    Source: kubernetes pkg/kubelet: makeEnvironmentVariables, and the volume plugins' SetUpAt; `scheduling`.
    """
    if reason in _NO_IMAGE:
        return NO_IMAGE
    absent = "not found" in message or "couldn't find key" in message or "non-existent" in message
    waits = reason in ("Unschedulable", "CreateContainerConfigError", "ContainerCreating")
    return NO_OBJECT if absent and waits else ""
