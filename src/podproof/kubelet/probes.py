"""Probes: thresholds and delays over single outcomes. When to ask and what the answers amount to; never asks.

Source: kubernetes pkg/kubelet/prober/worker.go (1.37).
"""

from collections.abc import Mapping
from typing import Any, Literal

__all__ = ["PROBES", "ProbeKind", "ProbeWorker", "unhealthy"]

ProbeKind = Literal["startup", "liveness", "readiness"]

PROBES: tuple[tuple[ProbeKind, str], ...] = (
    ("startup", "startupProbe"),
    ("liveness", "livenessProbe"),
    ("readiness", "readinessProbe"),
)

_INITIAL: dict[ProbeKind, bool | None] = {"startup": None, "liveness": True, "readiness": False}
"""What counts before the first outcome: a container lives, is not ready, and has not yet started."""


class ProbeWorker:
    """One probe of one container over all its restarts.

    `result` True is success, False failure, None not decided (startup alone). Times are seconds.
    """

    def __init__(self, kind: ProbeKind, container: str, spec: Mapping[str, Any]) -> None:
        self.kind = kind
        self.container = container
        self.spec = spec
        self.result: bool | None = _INITIAL[kind]
        self._id: str | None = None
        self._next = 0.0
        self._last: bool | None = None
        self._run = 0
        self._on_hold = False

    @property
    def period(self) -> float:
        """Seconds between two probes; 10 when the manifest sets none."""
        return float(self.spec.get("periodSeconds") or 10)

    @property
    def timeout(self) -> float:
        """Seconds that an answer may take; 1 when the manifest sets none."""
        return float(self.spec.get("timeoutSeconds") or 1)

    def attach(self, id: str, now: float) -> None:
        """Begin anew when the container has been made again."""
        if id != self._id:
            self._id = id
            self.result = _INITIAL[self.kind]
            self._next = now
            self._on_hold = False
            self._last, self._run = None, 0

    def ended(self) -> None:
        """Take note that the container does not run: what does not run has failed."""
        if self.kind == "readiness":
            self.result = False

    def due(self, now: float, started_at: float, started: bool) -> bool:
        """Tell whether to ask now. A moment that is too early is used up: the next is a period later."""
        if now < self._next:
            return False
        passed = (now - self._next) // self.period + 1
        self._next += passed * self.period
        if self._on_hold or now - started_at < float(self.spec.get("initialDelaySeconds") or 0):
            return False
        # the startup probe ends when the container has started, the others begin then
        return started != (self.kind == "startup")

    def trigger(self, now: float) -> None:
        """Ask as soon as possible, and count periods from then: a container has just started."""
        self._next = now

    def record(self, id: str, success: bool) -> bool:
        """Take an outcome in; True when `result` changed or was confirmed by its threshold."""
        if id != self._id or self._on_hold:
            return False
        if self._last is success:
            self._run += 1
        else:
            self._last, self._run = success, 1
        threshold = int(
            self.spec.get("successThreshold" if success else "failureThreshold") or (1 if success else 3)
        )
        if self._run < threshold:
            return False
        self.result = success
        if self.kind == "startup" or (self.kind == "liveness" and not success):
            # nothing more is asked of a container that is about to be restarted
            self._on_hold = True
            self._run = 0
        return True


def unhealthy(kind: ProbeKind, output: str, *, errored: bool = False) -> str:
    """Write the message of the event Unhealthy."""
    if errored:
        return f"{kind.capitalize()} probe errored and resulted in unknown state: {output}"
    return f"{kind.capitalize()} probe failed: {output}"
