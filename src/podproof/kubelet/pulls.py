"""Pulling images: policy, presence and earlier tries come in; what to do, and in which words, goes out.

Pure: the clock is an argument, and pulling is somebody else's. Words are the kubelet's 1.37.
Source: kubernetes pkg/kubelet/images/image_manager.go, kuberuntime/kuberuntime_image.go, kubelet.go;
client-go util/flowcontrol/backoff.go.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from ..kube.go_format import quote
from ..kube.image_name import ImageNameError, with_default_tag

__all__ = [
    "PullDecision",
    "PullEvent",
    "PullHistory",
    "PullPolicy",
    "Waiting",
    "decide_pull",
    "pull_failed",
    "pull_succeeded",
    "pulling",
]

PullPolicy = Literal["Always", "IfNotPresent", "Never"]

FIRST_BACK_OFF = 10.0
"""Seconds. Source: kubelet.go, imageBackOffPeriod."""

MAX_BACK_OFF = 300.0
"""Seconds. Source: kubelet.go, MaxImageBackOff."""

_REGISTRY_UNAVAILABLE = "RegistryUnavailable"
_SIGNATURE_INVALID = "SignatureValidationFailed"
"""Source: cri-api pkg/errors/errors.go."""


class PullEvent(msgspec.Struct, frozen=True):
    """An event of the pod, about a container."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str


class Waiting(msgspec.Struct, frozen=True):
    """A container's `state.waiting`."""

    reason: str
    message: str


class PullHistory(msgspec.Struct, frozen=True):
    """What came of pulling one image for one pod.

    `delay` is the time until the next try and `since` when it began, in seconds and 0 before the first
    failure; `failure` is the last failure's message.
    """

    delay: float = 0.0
    since: float = 0.0
    failure: str = ""


class PullDecision(msgspec.Struct, frozen=True):
    """`use` the image that is there, `pull` it, or `wait`, which has a state to show. `image` has its tag."""

    action: Literal["use", "pull", "wait"]
    image: str
    events: tuple[PullEvent, ...] = ()
    waiting: Waiting | None = None


def decide_pull(
    image: str, policy: PullPolicy, *, present: bool, history: PullHistory, now: float
) -> PullDecision:
    """Decide about a container's image before it is created; `present` counts unless the policy is Always.

    `now` is a clock in seconds that `history` was made with.
    """
    try:
        tagged = with_default_tag(image)
    except ImageNameError as error:
        message = f"Failed to apply default image tag {quote(image)}: {error}"
        return _wait(image, "InvalidImageName", message, PullEvent("Warning", "InspectFailed", message))
    if policy == "Never" and not present:
        message = f"Container image {quote(image)} is not present with pull policy of Never"
        return _wait(tagged, "ErrImageNeverPull", message, PullEvent("Warning", "ErrImageNeverPull", message))
    if present and policy != "Always":
        message = f"Container image {quote(image)} already present on machine and can be accessed by the pod"
        return PullDecision("use", tagged, (PullEvent("Normal", "Pulled", message),))
    if now - history.since < history.delay:
        message = f"Back-off pulling image {quote(image)}"
        event = PullEvent("Normal", "BackOff", message)
        shown = f"{message}: {history.failure}" if history.failure else message
        return _wait(tagged, "ImagePullBackOff", shown, event)
    return PullDecision("pull", tagged, (pulling(image),))


def pulling(image: str) -> PullEvent:
    """Say that pulling begins; `decide_pull` has it among its events."""
    return PullEvent("Normal", "Pulling", f"Pulling image {quote(image)}")


def pull_succeeded(image: str, *, seconds: float, waited: float, size: int) -> PullEvent:
    """Say that it was pulled, in `seconds`, `waited` with the time in the queue; `size` is bytes."""
    took = f"{_duration(seconds)} ({_duration(waited)} including waiting)"
    return PullEvent(
        "Normal", "Pulled", f"Successfully pulled image {quote(image)} in {took}. Image size: {size} bytes."
    )


def pull_failed(
    image: str, errors: Sequence[str], history: PullHistory, now: float
) -> tuple[PullHistory, Waiting, tuple[PullEvent, ...]]:
    """Take the engine's words, one text for each of the credentials that was tried, and say what is shown.

    An engine's `rpc error: code = Unknown desc = ` is left out by the caller, as the kubelet's client does.
    The new history has twice the delay, 10 s to 300 s.
    """
    error = errors[0] if len(set(errors)) == 1 else f"[{', '.join(dict.fromkeys(errors))}]"
    reason, message = _reason(image, error)
    delay = FIRST_BACK_OFF
    if history.delay and not _forgotten(history, now):
        delay = min(history.delay * 2, MAX_BACK_OFF)
    events = (
        PullEvent("Warning", "Failed", f"Failed to pull image {quote(image)}: {error}"),
        PullEvent("Warning", "Failed", f"Error: {reason}"),
    )
    return PullHistory(delay, now, f"{reason}: {message}"), Waiting(reason, message), events


def _wait(image: str, reason: str, message: str, event: PullEvent) -> PullDecision:
    events = (event, PullEvent("Warning", "Failed", f"Error: {reason}"))
    return PullDecision("wait", image, events, Waiting(reason, message))


def _forgotten(history: PullHistory, now: float) -> bool:
    # a failure that is twice the longest delay old no longer counts. Source: backoff.go, hasExpired
    return now - history.since > 2 * MAX_BACK_OFF


def _reason(image: str, error: str) -> tuple[str, str]:
    for known, because in (
        (_REGISTRY_UNAVAILABLE, "the registry is unavailable"),
        (_SIGNATURE_INVALID, "the signature validation failed"),
    ):
        if error.startswith(known):
            return known, f"image pull failed for {image} because {because}{error.removeprefix(known)}"
    return "ErrImagePull", error


def _duration(seconds: float) -> str:
    """Write a duration as Go does, cut to milliseconds: `812ms`, `3.4s`, `1m2s`. Source: Go time/time.go."""
    milliseconds = int(seconds * 1000)
    if milliseconds == 0:
        return "0s"
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text
