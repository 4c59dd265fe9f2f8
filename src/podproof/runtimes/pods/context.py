"""What all parts of a pod's worker share: the pod, its node, the engine, the clock and the events."""

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from ...kube.pod import raw_pod
from ...kubelet.events import EventLog, PodEvent
from ...kubelet.fields import DownwardValues
from ...kubelet.non_root import pod_name
from ...kubelet.objects import Objects
from ..engine import Engine, Features
from .reach import NetworkLocation
from .values import Clock, RunOptions, Spawn

__all__ = ["PodContext"]


class PodContext:
    """One pod on one engine; `record_event` may be called from several threads.

    `pod` is the decoded and defaulted mapping, the one form in which the pod travels here; what bears on
    security is typed where the rules of `kubelet` and `effective` are asked about it. `address` is "" while
    the pod has none. Raises ValidationError: a field that bears on security has an impossible type.
    """

    def __init__(
        self,
        pod: dict[str, Any],
        *,
        engine: Engine,
        objects: Objects,
        options: RunOptions,
        directory: Path,
        session: str,
        clock: Clock,
        spawn: Spawn,
        user_range: int = 0,
    ) -> None:
        self.pod = pod
        self.engine = engine
        self.features: Features = engine.features()
        self.objects = objects
        self.options = options
        self.directory = directory
        self.session = session
        self.clock = clock
        self.spawn = spawn
        self.user_range = user_range
        self.full_name = pod_name(raw_pod(pod))
        self.address = ""
        self.sandbox_pid: int | None = None
        self._events = EventLog()
        self._lock = Lock()

    @property
    def spec(self) -> Mapping[str, Any]:
        """Give the pod's spec, {} when there is none."""
        spec: Mapping[str, Any] = self.pod.get("spec") or {}
        return spec

    @property
    def host_network(self) -> bool:
        """Tell whether the pod is on the node's network."""
        return self.spec.get("hostNetwork") is True

    @property
    def downward(self) -> DownwardValues:
        """Give what the downward API tells containers that start now."""
        options = self.options
        return DownwardValues(
            pod_ip=options.host_ip if self.host_network else self.address,
            host_ip=options.host_ip,
            node_name=options.node_name,
            cpu=options.cpu,
            memory=options.memory,
            storage=options.storage,
        )

    @property
    def location(self) -> NetworkLocation:
        """Say where the pod's servers are reached from the node."""
        if self.host_network:
            return NetworkLocation("127.0.0.1")
        if self.address:
            return NetworkLocation(self.address)
        return NetworkLocation("127.0.0.1", self.sandbox_pid)

    @property
    def retry_delay(self) -> float:
        """Give the seconds between two tries. Source: kubernetes pkg/kubelet, backOffPeriod."""
        return 10.0 * self.options.time_scale

    def record_event(
        self,
        type: Literal["Normal", "Warning"],
        reason: str,
        message: str,
        field_path: str = "",
        *,
        source: str = "kubelet",
    ) -> None:
        """Record an event of the pod; `field_path` names the container it is about, "" for the pod itself."""
        with self._lock:
            self._events.add(type, reason, message, self.clock.now(), field_path=field_path, source=source)

    @property
    def events(self) -> tuple[PodEvent, ...]:
        """Give the events so far, in the order of their first time."""
        with self._lock:
            return self._events.listed
