"""Will the pod start: the kubelet's admission, the sandbox, then each container in its order.

A pod and the facts about its images go in; a PodStartPrediction goes out, in the words of the kubelet and the
runtime. It covers security, the image's user and its command, mount points and user namespaces of volumes,
not pulls, what volumes need, or resources.
"""

from typing import Literal

from ..effective.container_in_pod import ContainerInPod
from ..effective.setting import Setting
from ..effective.value import Unknown
from ..kube.pod import Pod
from ..kube.target_os import is_for_windows
from ..manifest.route import Route
from .admit import block, reject, rejection_message
from .container_start import start_container, stays_open, stops_with
from .declared_features import find_unknown_feature
from .sandbox import refuse_sandbox
from .start_prediction import PodStartPrediction, StartPrediction, WarningEvent

__all__ = ["predict_start"]


def predict_start(pod: Pod, containers: tuple[ContainerInPod, ...], setting: Setting) -> PodStartPrediction:
    """Say whether the pod starts, and if not, what its status and events say.

    `containers` are all of the pod's, put together with it and the setting. A Windows pod is not decided
    unless a (Linux) node is told of, which refuses it.
    """
    rejected = reject(pod, containers, setting)
    if rejected is not None:
        return _rejected(containers, rejected, rejection_message(rejected, setting.version))
    if is_for_windows(pod):
        return _windows_decides(containers)
    blocked = block(pod, containers, setting)
    if blocked is not None:
        return _blocked(containers, blocked)
    unknown = find_unknown_feature(pod, setting)
    if unknown is not None:
        return _waits_for_node(containers, *unknown)
    refused = refuse_sandbox(pod, setting)
    if refused is not None:
        waiting = tuple(
            stops_with(placed, "ContainerCreating", "", refused, route=refused.route) for placed in containers
        )
        return PodStartPrediction("Pending", None, "", refused, waiting)
    return _in_order(containers)


def _in_order(containers: tuple[ContainerInPod, ...]) -> PodStartPrediction:
    starts: list[StartPrediction] = []
    blocked: bool | Unknown = False
    for placed in containers:
        if blocked is not False and placed.kind != "ephemeral":
            starts.append(_waits(placed, blocked))
            continue
        start = start_container(placed)
        starts.append(start)
        if placed.kind in ("init", "sidecar") and start.starts is not True:
            blocked = start.starts if isinstance(start.starts, Unknown) else True
    return PodStartPrediction(_phase(starts), None, "", None, tuple(starts))


def _phase(starts: list[StartPrediction]) -> Literal["Pending", "Running"] | None:
    for start in starts:
        if start.starts is not True:
            break
    else:
        return "Running"
    if any(start.starts is False and start.reason != "RunContainerError" for start in starts):
        return "Pending"
    if any(isinstance(start.starts, Unknown) for start in starts):
        return None
    return "Running"


def _waits(placed: ContainerInPod, blocked: bool | Unknown) -> StartPrediction:
    if isinstance(blocked, Unknown):
        return stays_open(placed, Unknown(f"an init container before it is undecided: {blocked.reason}"))
    return stops_with(placed, "PodInitializing")


def _rejected(
    containers: tuple[ContainerInPod, ...], event: WarningEvent, message: str
) -> PodStartPrediction:
    starts = tuple(
        stops_with(placed, event.reason, message, event, route=event.route) for placed in containers
    )
    return PodStartPrediction("Failed", event.reason, message, event, starts)


def _blocked(containers: tuple[ContainerInPod, ...], why: WarningEvent) -> PodStartPrediction:
    starts = tuple(stops_with(placed, "Blocked", why.message, route=why.route) for placed in containers)
    return PodStartPrediction("Pending", why.reason, why.message, why, starts)


def _waits_for_node(containers: tuple[ContainerInPod, ...], why: Unknown, route: Route) -> PodStartPrediction:
    starts = tuple(stays_open(placed, why, missing=(why.reason,), route=route) for placed in containers)
    return PodStartPrediction(None, None, "", None, starts)


def _windows_decides(containers: tuple[ContainerInPod, ...]) -> PodStartPrediction:
    unknown = Unknown("a Windows node decides")
    starts = tuple(stays_open(placed, unknown, missing=("node",)) for placed in containers)
    return PodStartPrediction(None, None, "", None, starts)
