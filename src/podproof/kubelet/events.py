"""The events of a pod, counted as the API server keeps them: the same words again raise a count.

Nothing here reads a clock: times are seconds since the epoch.
"""

from typing import Literal

import msgspec

__all__ = ["EventLog", "PodEvent"]


class PodEvent(msgspec.Struct, frozen=True):
    """An event as `kubectl describe` lists it; `field_path` is `spec.containers{web}`, or "" for a pod."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    field_path: str = ""
    source: str = "kubelet"
    first: float = 0.0
    last: float = 0.0
    count: int = 1


class EventLog:
    """Collects events; `listed` has them in the order of their first time, each once with its count."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str, str, str], PodEvent] = {}

    def add(
        self,
        type: Literal["Normal", "Warning"],
        reason: str,
        message: str,
        now: float,
        *,
        field_path: str = "",
        source: str = "kubelet",
    ) -> PodEvent:
        """Record an event; the same again counts up."""
        key = (type, reason, message, field_path)
        held = self._held.get(key)
        if held is None:
            held = PodEvent(type, reason, message, field_path, source, now, now)
        else:
            held = msgspec.structs.replace(held, last=now, count=held.count + 1)
        self._held[key] = held
        return held

    @property
    def listed(self) -> tuple[PodEvent, ...]:
        return tuple(self._held.values())
