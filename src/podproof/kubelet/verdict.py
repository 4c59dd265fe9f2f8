"""What the node's rules say about a pod: will it start, and if not, in which words. Data only."""

from typing import Literal

import msgspec

from ..effective.subject import ContainerKind
from ..effective.value import Unknown

__all__ = ["ContainerStart", "Event", "PodStart"]


class Event(msgspec.Struct, frozen=True, gc=False):
    """A Warning event as kubectl describe shows it."""

    reason: str
    message: str


class ContainerStart(msgspec.Struct, frozen=True, gc=False):
    """Whether one container starts; if not, its status' reason and message, and the event.

    `starts` is Unknown where node or image would have to be known. `missing` names what is not known of them.
    A container that only waits for another has its reason (`PodInitializing`) and no event.
    """

    name: str
    kind: ContainerKind
    starts: bool | Unknown
    reason: str | None = None
    message: str = ""
    event: Event | None = None
    missing: tuple[str, ...] = ()


class PodStart(msgspec.Struct, frozen=True, gc=False):
    """The pod's verdict. `reason` and `message` are the pod status' own, set only when the node rejects it.

    `phase` is the one that the pod settles in before any process ends; None where a container is undecided.
    """

    phase: Literal["Pending", "Running", "Failed"] | None
    reason: str | None
    message: str
    event: Event | None
    containers: tuple[ContainerStart, ...]
