"""The probes of a pod's containers: probes beside the worker, and brings the outcomes back to it."""

from queue import Empty, SimpleQueue

from ...kubelet.pod_actions import ProbeResults
from ...kubelet.probes import PROBES, ProbeKind, ProbeWorker, unhealthy
from .context import PodContext
from .prober import ProbeOutcome, probe
from .tracked import Tracked

__all__ = ["Probing"]


class Probing:
    """Every probe of one pod. Only the worker's own thread calls its methods."""

    def __init__(self, context: PodContext) -> None:
        self._context = context
        self._workers: dict[str, dict[ProbeKind, ProbeWorker]] = {}
        self._started: set[str] = set()
        self._under_way: set[tuple[str, ProbeKind]] = set()
        self._outcomes: SimpleQueue[tuple[Tracked, ProbeWorker, str, ProbeOutcome]] = SimpleQueue()

    def step(self, tracked: Tracked, now: float) -> None:
        """Take outcomes in and make the probes of one container that are due."""
        if tracked.kind not in ("container", "sidecar"):
            return
        workers = self._workers_of(tracked)
        latest = tracked.latest
        if latest is None or not workers:
            return
        for worker in workers.values():
            worker.attach(latest.id, now)
            if not tracked.running:
                worker.ended()
                self._started.discard(tracked.name)
        if not tracked.running or tracked.killing == latest.id:
            return
        started = self.started(tracked)
        if started and tracked.name not in self._started and "readiness" in workers:
            workers["readiness"].trigger(now)
        (self._started.add if started else self._started.discard)(tracked.name)
        for kind, worker in workers.items():
            key = (tracked.name, kind)
            if key not in self._under_way and worker.due(now, latest.started_at, started):
                self._under_way.add(key)
                self._probe(tracked, worker, latest.id)
        self.collect()

    def collect(self) -> bool:
        """Take in the outcomes that have come; True when a result changed."""
        changed = False
        while True:
            try:
                tracked, worker, id, outcome = self._outcomes.get_nowait()
            except Empty:
                return changed
            self._under_way.discard((tracked.name, worker.kind))
            if tracked.latest is None or tracked.latest.id != id or not tracked.running:
                continue
            self._record(tracked, worker, outcome)
            if outcome.result != "error":
                before = worker.result
                worker.record(id, outcome.result != "failure")
                changed = changed or worker.result is not before

    def started(self, tracked: Tracked) -> bool:
        """Tell whether a container runs and its startup probe, if any, has succeeded."""
        if not tracked.running:
            return False
        worker = self._workers_of(tracked).get("startup")
        return worker is None or worker.result is True

    def ready(self, tracked: Tracked) -> bool:
        """Tell whether a container has started and its readiness probe, if any, succeeds."""
        worker = self._workers_of(tracked).get("readiness")
        return self.started(tracked) and (worker is None or worker.result is True)

    def results(self, tracked: Tracked) -> ProbeResults:
        """Say what the probes mean for the container's life."""
        workers = self._workers_of(tracked)
        startup, liveness = workers.get("startup"), workers.get("liveness")
        return ProbeResults(
            started=self.started(tracked),
            startup=None if startup is None else startup.result,
            liveness=None if liveness is None else liveness.result,
        )

    def _workers_of(self, tracked: Tracked) -> dict[ProbeKind, ProbeWorker]:
        if tracked.name not in self._workers:
            self._workers[tracked.name] = {
                kind: ProbeWorker(kind, tracked.name, tracked.container[field])
                for kind, field in PROBES
                if tracked.container.get(field) and tracked.kind in ("container", "sidecar")
            }
        return self._workers[tracked.name]

    def _probe(self, tracked: Tracked, worker: ProbeWorker, id: str) -> None:
        context = self._context

        def run() -> None:
            outcome = probe(worker.spec, tracked.container, context.engine, id, context.location)
            self._outcomes.put((tracked, worker, id, outcome))

        context.spawn(run)

    def _record(self, tracked: Tracked, worker: ProbeWorker, outcome: ProbeOutcome) -> None:
        if outcome.result == "warning":
            text = f"{worker.kind.capitalize()} probe warning: {outcome.output}"
            self._context.record_event("Warning", "ProbeWarning", text, tracked.field_path)
        elif outcome.result in ("failure", "error"):
            text = unhealthy(worker.kind, outcome.output, errored=outcome.result == "error")
            self._context.record_event("Warning", "Unhealthy", text, tracked.field_path)
