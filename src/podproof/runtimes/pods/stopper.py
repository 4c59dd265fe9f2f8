"""Stops containers: the hook before the end, the grace period, the order of sidecars.

Source: kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go, killContainer.
"""

from collections.abc import Mapping, Sequence
from threading import Event

from ...kubelet.pod_actions import KillReason, termination_order
from ..engine import EngineError
from .context import PodContext
from .hooks import hook_of, run_hook
from .tracked import Tracked

__all__ = ["Stopper"]

_MIN_GRACE = 2
"""Seconds that every container has. Source: kuberuntime_container.go, minimumGracePeriodInSeconds."""

_PROBES: dict[KillReason, str] = {"StartupProbe": "startupProbe", "LivenessProbe": "livenessProbe"}


class Stopper:
    """Stops the containers of one pod. `skip_grace_period` ends every grace at once."""

    def __init__(self, context: PodContext) -> None:
        self._context = context
        self.skip_grace_period = Event()

    def kill(self, tracked: Tracked, message: str, reason: KillReason) -> None:
        """Begin to stop a container, unless that has begun; returns at once."""
        latest = tracked.latest
        if latest is None or tracked.killing == latest.id:
            return
        tracked.killing = latest.id
        self._context.record_event("Normal", "Killing", message, tracked.field_path)
        grace = self._grace(tracked, reason)
        self._context.spawn(lambda: self._stop(tracked, latest.id, grace, (), Event()))

    def stop_all(self, containers: Mapping[str, Tracked]) -> None:
        """Stop every container that runs, sidecars last, and return when they have ended."""
        groups = termination_order(
            self._context.spec,
            frozenset(name for name, tracked in containers.items() if tracked.running),
        )
        before: list[Event] = []
        for group in groups:
            ended = [Event() for _ in group]
            for name, done in zip(group, ended, strict=True):
                self._stop_one(containers[name], tuple(before), done)
            before += ended
        limit = self._context.clock.now() + self._grace(None, "") + 60
        for done in before:
            # the engine itself ends what outlives its grace
            while not done.is_set() and self._context.clock.now() < limit:
                if self.skip_grace_period.is_set():
                    self._end_now(containers)
                    limit = min(limit, self._context.clock.now() + 10)
                self._context.clock.wait(done, 0.2)

    def _end_now(self, containers: Mapping[str, Tracked]) -> None:
        for tracked in containers.values():
            if tracked.killing and tracked.running:
                try:
                    self._context.engine.stop_container(tracked.killing, 0)
                except EngineError:
                    continue

    def _stop_one(self, tracked: Tracked, before: Sequence[Event], done: Event) -> None:
        latest = tracked.latest
        assert latest is not None
        if tracked.killing == latest.id:
            # It is being stopped already, with its own grace.
            self._context.spawn(lambda: self._stop(tracked, latest.id, 0, (), done))
            return
        tracked.killing = latest.id
        self._context.record_event(
            "Normal", "Killing", f"Stopping container {tracked.name}", tracked.field_path
        )
        grace = self._grace(tracked, "")
        self._context.spawn(lambda: self._stop(tracked, latest.id, grace, before, done))

    def _grace(self, tracked: Tracked | None, reason: KillReason) -> int:
        if self.skip_grace_period.is_set():
            return 0
        if tracked is not None and reason in _PROBES:
            own = (tracked.container.get(_PROBES[reason]) or {}).get("terminationGracePeriodSeconds")
            if own is not None:
                return int(own)
        return int(self._context.spec.get("terminationGracePeriodSeconds") or 0)

    def _stop(self, tracked: Tracked, id: str, grace: int, before: Sequence[Event], done: Event) -> None:
        clock = self._context.clock
        end = clock.now() + grace
        try:
            if grace > 0:
                self._pre_stop(tracked, id, grace)
            for event in before:
                left = end - clock.now()
                if left > 0:
                    clock.wait(event, left)
            left = 0 if self.skip_grace_period.is_set() else int(end - clock.now())
            self._context.engine.stop_container(
                id, max(left, 0 if self.skip_grace_period.is_set() else _MIN_GRACE)
            )
        except EngineError:
            # gone already, or the engine is: what is left ends with the sandbox
            return
        finally:
            done.set()

    def _pre_stop(self, tracked: Tracked, id: str, grace: int) -> None:
        if hook_of(tracked, "PreStop") is None:
            return
        context, ended = self._context, Event()

        def run() -> None:
            try:
                run_hook(context, tracked, "PreStop", id=id, timeout=grace)
            finally:
                ended.set()

        context.spawn(run)
        context.clock.wait(ended, grace)
