"""What the node's rules say about a pod: will it start, and if not, in which words and why. Data only."""

from typing import Literal

import msgspec

from ..effective.value import Unknown
from ..kube.visit import ContainerKind
from ..manifest.route import Route

__all__ = ["PodStartPrediction", "StartPrediction", "WarningEvent"]


class WarningEvent(msgspec.Struct, frozen=True, gc=False):
    """A Warning event as kubectl describe shows it.

    `route` names the field that it is about, counted from the Pod object; the field may be absent, where a
    default or an image decides.
    """

    reason: str
    message: str
    route: Route


class StartPrediction(msgspec.Struct, frozen=True, gc=False):
    """Whether one container starts; if not, its status' reason and message, and the event.

    `starts` is Unknown where node or image would have to be known. `missing` names what is not known of them.
    A container that only waits for another has its reason (`PodInitializing`) and no event. `Blocked` has the
    pod's message: its status has none. `route` names the field that decides, counted from the Pod object; ()
    where nothing stops the container.
    """

    name: str
    kind: ContainerKind
    starts: bool | Unknown
    reason: str | None = None
    message: str = ""
    event: WarningEvent | None = None
    missing: tuple[str, ...] = ()
    route: Route = ()


class PodStartPrediction(msgspec.Struct, frozen=True, gc=False):
    """Whether the pod starts; `reason` and `message` are its status' own, set when the node does not run it.

    `phase` is the one that the pod settles in before any process ends; None where a container is undecided.
    `event` is set where the pod as a whole does not start, and has the route of the field that stops it; one
    that is held back has its status' words there, since no event is recorded.
    """

    phase: Literal["Pending", "Running", "Failed"] | None
    reason: str | None
    message: str
    event: WarningEvent | None
    containers: tuple[StartPrediction, ...]
