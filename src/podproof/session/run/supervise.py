"""Supervises pods: each runs in a thread of its own while its caller looks at it, and is stopped after that.

Planned pods come in, their snapshots and failures go out. When to stop is the caller's decision.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ...kubelet.objects import Objects
from ...runtimes.engine import Engine
from ...runtimes.pods.reach import NetworkLocation
from ...runtimes.pods.runner import PodRunner
from ...runtimes.pods.values import PodSnapshot, RunOptions
from .plan import PlannedPod

__all__ = ["SupervisedPod", "Supervisor"]

_RANGES = 30_000
"""Ranges of 65,536 user ids from which sessions take theirs, so that pods of two runs share none."""


class SupervisedPod:
    """One planned pod and the thread that runs it."""

    def __init__(self, planned: PlannedPod, runner: PodRunner, directory: Path) -> None:
        self.planned = planned
        self.directory = directory
        """The pod's own folder, which goes with the pod."""
        self._runner = runner
        self._stop = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=planned.name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._runner.run(self._stop)
        except Exception as error:  # noqa: BLE001 - the caller's thread raises it
            self._error = error

    @property
    def snapshot(self) -> PodSnapshot:
        """The pod as it is now."""
        return self._runner.snapshot()

    @property
    def failure(self) -> Exception | None:
        """Why the pod can no longer be run (the engine is gone, say); None while it can."""
        return self._error or self._runner.failure

    @property
    def alive(self) -> bool:
        """Whether the pod is still run, or still being stopped."""
        return self._thread.is_alive()

    @property
    def grace(self) -> int:
        """How many seconds the pod's containers have to end by themselves."""
        return int(self.planned.pod["spec"].get("terminationGracePeriodSeconds") or 0)

    @property
    def logs(self) -> Mapping[str, Path]:
        """The folder of each container's logs, by the container's name."""
        return self._runner.logs

    @property
    def log_files(self) -> Mapping[str, Path]:
        """The log of each attempt that the runtime still has, by the container's id."""
        return self._runner.log_files

    @property
    def location(self) -> NetworkLocation | None:
        """Where the pod's servers are reached; None while it has no network."""
        return self._runner.location

    def stop(self, *, skip_grace_period: bool = False) -> None:
        """Ask for the pod's end; it may be asked again, to skip the grace period after all."""
        if skip_grace_period:
            self._runner.skip_grace_period.set()
        self._stop.set()

    def join(self, seconds: float | None = None) -> None:
        """Wait for the pod's end, for at most so many seconds; None: for as long as it takes."""
        self._thread.join(seconds)


class Supervisor:
    """Runs pods on one engine, within one session.

    `directory` is the session's, in which every pod gets a folder.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        options: RunOptions,
        directory: Path,
        session: str,
    ) -> None:
        self._engine, self._options = engine, options
        self._directory, self._session = directory, session
        self._count = 0

    def start(self, planned: PlannedPod, objects: Objects) -> SupervisedPod:
        """Start a pod, which may refer to `objects`; the caller stops it."""
        directory = self._directory / "pods" / f"{planned.name}-{self._count}"
        runner = PodRunner(
            planned.pod,
            engine=self._engine,
            objects=objects,
            options=self._options,
            directory=directory,
            session=self._session,
            handler=planned.handler,
            user_range=int(self._session, 16) % _RANGES + self._count,
        )
        self._count += 1
        return SupervisedPod(planned, runner, directory)

    @contextmanager
    def running(self, planned: PlannedPod, objects: Objects) -> Iterator[SupervisedPod]:
        """Run a pod while the block looks at it; after the block it is stopped without a grace period."""
        pod = self.start(planned, objects)
        try:
            yield pod
        finally:
            pod.stop(skip_grace_period=True)
            pod.join()
