"""A Job that is being run: its pods so far, and what they make its controller do next."""

import time
from collections.abc import Iterator

from .job import Job, JobEnd, next_step
from .plan import PlannedPod
from .supervise import SupervisedPod

__all__ = ["PlayedJob"]


class PlayedJob:
    """One Job of a run. `pods` are those started so far, `end` is None while it goes on.

    `planned` is its first pod, of which the others are made; `time_scale` shortens the delay after a failure.
    """

    def __init__(self, planned: PlannedPod, job: Job, time_scale: float) -> None:
        self.pods: list[SupervisedPod] = []
        self.end: JobEnd | None = None
        self._planned = planned
        self._job = job
        self._time_scale = time_scale
        self._succeeded = 0
        self._failures = 0
        self._failed_at = 0.0

    def step(self, active_for: float, room: int) -> Iterator[PlannedPod]:
        """Give the pods to start now, `active_for` seconds after the Job began; stop them all at its end.

        `room`: so many at most.
        """
        if self.end is not None:
            return
        pods = [pod.snapshot.pod for pod in self.pods]
        failures = sum((pod.get("status") or {}).get("phase") == "Failed" for pod in pods)
        if failures > self._failures:
            self._failures, self._failed_at = failures, time.monotonic()
        step = next_step(self._job, pods, active_for, room)
        self.end, self._succeeded = step.end, step.succeeded
        if self.end is not None:
            for pod in self.pods:
                if not pod.snapshot.finished:
                    pod.stop()
            return
        if time.monotonic() - self._failed_at < step.delay * self._time_scale:
            return
        for index in step.start:
            first = not self.pods and index in (None, self._planned.index)
            yield self._planned if first else self._planned.again(index=index)

    def failure(self, *, late: bool) -> str:
        """Say why the Job has failed; "" when it has not, or not yet unless the run is `late`."""
        owner, end, wanted = self._planned.owner, self.end, self._job.completions
        if end is not None:
            return "" if end.succeeded else f"{owner}: {end.reason}: {end.message}"
        count = "" if wanted is None else f": {self._succeeded} of {wanted} completions"
        return f"{owner} did not complete in time{count}" if late else ""
