"""When a container is started again: its restart policy, and the back-off that doubles.

Nothing here reads a clock: times are seconds since the epoch and come as arguments.
"""

from collections.abc import Mapping
from typing import Any

from ..kube.go_duration import format_duration

__all__ = ["BACK_OFF", "MAX_BACK_OFF", "BackOff", "back_off_event", "back_off_message", "should_restart"]

BACK_OFF = 10.0
"""Seconds before the second restart. Source: kubernetes pkg/kubelet/kubelet.go, backOffPeriod."""

MAX_BACK_OFF = 300.0
"""Seconds. Source: kubernetes pkg/kubelet/kubelet.go, MaxCrashLoopBackOff."""


class BackOff:
    """Remembers for each key how long to wait after its last failure.

    The first failure costs nothing, the next 10 s, 20 s, ... at most 300 s, and ten minutes of health make it
    forget. `scale` shortens the waits and not the words: 0.1 waits a second where the kubelet waits ten.
    Source: k8s.io/client-go util/flowcontrol/backoff.go.
    """

    def __init__(self, scale: float = 1.0, *, first: float = BACK_OFF, longest: float = MAX_BACK_OFF) -> None:
        self._scale = scale
        self._first = first
        self._longest = longest
        self._waits: dict[str, tuple[float, float]] = {}

    def holds(self, key: str, since: float, now: float) -> bool:
        """Tell whether the key, which failed at `since`, still waits."""
        entry = self._waits.get(key)
        if entry is None or self._forgotten(entry, since):
            return False
        return now - since < entry[0] * self._scale

    def advance(self, key: str, since: float, now: float) -> None:
        """Count an attempt: the next failure of the key waits twice as long."""
        entry = self._waits.get(key)
        if entry is None or self._forgotten(entry, since):
            self._waits[key] = (self._first, now)
        else:
            self._waits[key] = (min(entry[0] * 2, self._longest), now)

    def wait(self, key: str) -> float:
        """Give the key's present wait in the kubelet's seconds, unscaled; 0 when it never failed."""
        entry = self._waits.get(key)
        return 0.0 if entry is None else entry[0]

    def until(self, key: str, since: float) -> float:
        """Give the moment at which the key, which failed at `since`, may try again."""
        return since + self.wait(key) * self._scale

    def _forgotten(self, entry: tuple[float, float], since: float) -> bool:
        return since - entry[1] > self._longest * 2 * self._scale


def back_off_message(wait: float, container: str, pod: str) -> str:
    """Write the waiting message of CrashLoopBackOff; `pod` is name_namespace(uid)."""
    return f"back-off {format_duration(wait)} restarting failed container={container} pod={pod}"


def back_off_event(container: str, pod: str) -> str:
    """Write the event BackOff."""
    return f"Back-off restarting failed container {container} in pod {pod}"


def should_restart(container: Mapping[str, Any], spec: Mapping[str, Any], exit_code: int) -> bool:
    """Tell whether a container that exited is started again: its own rules, its own policy, then the pod's.

    Source: kubernetes pkg/api/v1/pod/util.go, ContainerShouldRestart.
    """
    own = container.get("restartPolicy")
    if own is not None:
        for rule in container.get("restartPolicyRules") or ():
            codes = rule.get("exitCodes") or {}
            listed = exit_code in (codes.get("values") or ())
            if listed == (codes.get("operator") != "NotIn") and rule.get("action") == "Restart":
                return True
    policy = own or spec.get("restartPolicy") or "Always"
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)
