"""The events of a pod, counted as the API server keeps them: the same words again raise a count.

Nothing here reads a clock: times are seconds since the epoch.
Source: k8s.io/client-go tools/record/events_cache.go, without its filter that drops events of a loud object.
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


_SIMILAR = 10
"""Events that differ in words alone, from which on they are one. Source: defaultAggregateMaxEvents."""

_INTERVAL = 600
"""Seconds without such an event, after which they are counted anew. Source: the same file."""

_COMBINED = "(combined from similar events): "

_Key = tuple[str, ...]


class EventLog:
    """Collects events; `listed` has them in the order of their first time, each once with its count."""

    def __init__(self) -> None:
        self._events: dict[_Key, PodEvent] = {}
        self._similar: dict[_Key, tuple[dict[str, None], float]] = {}

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
        """Record an event; the same again counts up, as do ever new words for the same reason.

        Whichever container they are about: the same reason is the pod's. Of too many words the oldest are
        forgotten, where clients forget any.
        """
        key: _Key = (source, type, reason)
        words, last = self._similar.get(key, ({}, now))
        if now - last > _INTERVAL:
            words = {}
        words[message] = None
        self._similar[key] = (words, now)
        if len(words) >= _SIMILAR:
            del words[next(iter(words))]
            message = _COMBINED + message
        else:
            key = (*key, field_path, message)
        event = self._events.get(key)
        if event is None:
            event = PodEvent(type, reason, message, field_path, source, now, now)
        else:
            event = msgspec.structs.replace(event, message=message, last=now, count=event.count + 1)
        self._events[key] = event
        return event

    @property
    def listed(self) -> tuple[PodEvent, ...]:
        """The events in the order in which each first happened."""
        return tuple(self._events.values())
