"""The pipeline of `run`: a plan goes in, its pods run on an engine, and what became of them comes out.

Every pod has a thread (`runtimes.pods`); this module follows their snapshots and logs, decides when the run
is over, and ends it. It prints nothing: it tells a reporter.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from ...kubelet.objects import namespace_of
from ...kubelet.scheduling import MAX_PODS
from ...runtimes.engine import Engine, ExecResult
from ...runtimes.pods.logs import LogFollower
from ...runtimes.pods.values import PodSnapshot, RunOptions
from .exec import Execution, check_container
from .keeping import KeptRun
from .network import RunNetwork
from .plan import Plan, PlannedPod
from .played_job import PlayedJob
from .progress import is_crashing, is_ready, is_stuck, why
from .supervise import SupervisedPod, Supervisor
from .until import Until, is_hopeless, is_over

__all__ = ["Reporter", "RunResult", "run_plan"]

_TICK = 0.03
_HURRY = 15.0
"""Seconds that a run's end may take after a second signal."""

_SLACK = 30.0
"""Seconds that it may take beyond the grace of its pods."""

_CATCHING_UP = 2.0
"""Seconds that a run waits, after a signal, for what its pods have just become."""

_CLEAN_UP = 5.0
"""Seconds that a call may take after that; what is not removed by then is left to the engine's keeper."""


class Reporter(Protocol):
    """Is told what happens, in the main thread."""

    def pods(self, snapshots: Sequence[PodSnapshot]) -> None:
        """Take the pods as they are now; called at every look, whether or not anything changed."""

    def log(self, pod: str, container: str, data: bytes) -> None:
        """Take what a container wrote, a line or a part of one."""

    def ending(self) -> None:
        """Hear that a signal ended the run, and that its pods are being stopped."""


class RunResult(msgspec.Struct, frozen=True):
    """The pods as they were when the run was over, at `at`, before they were stopped. `executed`: --exec's.

    `failed`: the workload failed or did not start, in words, one line a pod. `interrupted` is the signal.
    """

    snapshots: tuple[PodSnapshot, ...]
    failed: tuple[str, ...] = ()
    executed: ExecResult | None = None
    interrupted: int = 0
    at: float = 0.0


def run_plan(
    plan: Plan,
    *,
    engine: Engine,
    options: RunOptions,
    directory: Path,
    session: str,
    until: Until,
    reporter: Reporter,
    timeout: float | None = None,
    command: tuple[str, tuple[str, ...]] | None = None,
    interrupted: Callable[[], int] = lambda: 0,
    verify: Callable[[PodSnapshot], tuple[str, ...]] | None = None,
    keep: Callable[[RunResult, KeptRun], None] | None = None,
    network: RunNetwork | None = None,
) -> RunResult:
    """Run every pod of the plan until the run is over, then stop and remove them.

    `keep` is called between the two, with what runs, and returns when it need not run any longer.
    `network` is told of the pods as they change.
    `command` is a container's name and what to run in it once the pods are ready. `interrupted` gives the
    number of the last signal, 0 for none; a second one ends every grace. Raises EngineError: the engine is
    gone. Raises UsageError: the command's container is in no pod.
    """
    if command is not None:
        check_container(plan, command[0])
    supervisor = Supervisor(engine=engine, options=options, directory=directory, session=session)
    run = _RunOfPlan(plan, engine, supervisor, reporter, time_scale=options.time_scale, network=network)
    try:
        run.begin()
        result = run.follow(until, timeout, command, interrupted, verify)
        result = msgspec.structs.replace(result, at=time.time())
        if keep is not None:
            keep(result, run)
        return result
    finally:
        run.end(interrupted)


class _RunOfPlan:
    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        supervisor: Supervisor,
        reporter: Reporter,
        *,
        time_scale: float,
        network: RunNetwork | None,
    ) -> None:
        self._plan = plan
        self._engine = engine
        self._supervisor = supervisor
        self._reporter = reporter
        self._time_scale = time_scale
        self._network = network
        self._pods: list[SupervisedPod] = []
        self._to_come: list[PlannedPod] = []
        """Pods that start when the one before them is ready, or when there is room for them."""
        self._jobs: dict[tuple[str, str], PlayedJob] = {}
        self._began = 0.0
        self._followers: dict[Path, LogFollower] = {}
        self._verified: set[str] = set()
        """Ids of the containers that were verified."""
        self._heard: set[tuple[SupervisedPod, str]] = set()
        """The containers that have written something."""

    def begin(self) -> None:
        """Start every pod for which there is room; of a Job as many as run at a time."""
        self._began = time.monotonic()
        for planned in self._plan.pods:
            if planned.job is not None:
                self._jobs[_job_key(planned)] = PlayedJob(planned, planned.job, self._time_scale)
            else:
                self._to_come.append(planned)
        self._continue_in_order()
        self._continue_jobs()

    def _start(self, planned: PlannedPod) -> SupervisedPod:
        pod = self._supervisor.start(planned, self._plan.objects)
        self._pods.append(pod)
        return pod

    @property
    def pods(self) -> Sequence[SupervisedPod]:
        """Every pod that was started so far."""
        return self._pods

    def advance(self) -> None:
        """Start what Jobs and StatefulSets want next. Raises EngineError: the engine is gone."""
        self._fail_with_engine()
        self._continue_in_order()
        self._continue_jobs()
        self._connect()

    @property
    def _room(self) -> int:
        """How many more pods run at a time: a manifest does not decide how many this machine has to bear."""
        return max(0, MAX_PODS - sum(not pod.snapshot.finished for pod in self._pods if pod.alive))

    def _connect(self) -> None:
        """Let the network lead to the pods as they are now."""
        if self._network is not None:
            self._network.update(self._pods)

    def _continue_in_order(self) -> None:
        """Start the pods that waited for room, or for one that is ready now."""
        if not self._to_come or not (room := self._room):
            return
        ready = {
            (namespace_of(pod.planned.pod), pod.planned.owner, pod.planned.name)
            for pod in self._pods
            if is_ready(pod.snapshot)
        }
        left = []
        for planned in self._to_come:
            waits = planned.after and (namespace_of(planned.pod), planned.owner, planned.after) not in ready
            if waits or not room:
                left.append(planned)
            else:
                room -= 1
                self._start(planned)
        self._to_come = left

    def stop(self, pod: SupervisedPod) -> None:
        """Ask for the end of a pod; its workload, if any, starts no other one."""
        if pod.planned.job is not None:
            self._jobs.pop(_job_key(pod.planned), None)
        key = _job_key(pod.planned)
        self._to_come = [planned for planned in self._to_come if _job_key(planned) != key]
        pod.stop()

    @property
    def snapshots(self) -> tuple[PodSnapshot, ...]:
        return tuple(pod.snapshot for pod in self._pods)

    def follow(
        self,
        until: Until,
        timeout: float | None,
        command: tuple[str, tuple[str, ...]] | None,
        interrupted: Callable[[], int],
        verify: Callable[[PodSnapshot], tuple[str, ...]] | None,
    ) -> RunResult:
        began = time.monotonic()
        execution: Execution | None = None
        differing: dict[str, None] = {}
        while True:
            signal = interrupted()
            self._tell()
            self.advance()
            snapshots = self.snapshots
            executed = execution.outcome() if execution is not None else None
            if signal:
                self._catch_up()
                return RunResult(self.snapshots, (), executed, signal)
            if verify is not None:
                differing |= dict.fromkeys(self._verify(snapshots, verify))
            waited = time.monotonic() - began
            ready = not self._to_come and all(map(is_ready, snapshots))
            if command is not None and execution is None and ready:
                execution = self._execute(*command)
            late = timeout is not None and waited >= timeout
            looking = command is not None and executed is None
            waiting = bool(self._to_come) or any(job.end is None for job in self._jobs.values())
            over = is_over(snapshots, until, waited, waiting=waiting, to_come=bool(self._to_come)) or (
                command is not None and until.kind == "end"
            )
            if (over and not looking) or late or (is_hopeless(self.snapshots, until) and execution is None):
                self._tell()
                failed = self._failures(self.snapshots, until, late=late)
                if looking and not failed:
                    failed = ("the command of --exec did not end in time",)
                return RunResult(self.snapshots, (*failed, *differing), executed)
            time.sleep(_TICK)

    def _catch_up(self) -> None:
        """Wait until what has been heard of is shown as started: a signal may come in between."""
        end = time.monotonic() + _CATCHING_UP
        while time.monotonic() < end and any(
            pod.alive and pod.failure is None and container not in pod.snapshot.started
            for pod, container in self._heard
        ):
            time.sleep(_TICK)

    def _verify(
        self, snapshots: Sequence[PodSnapshot], verify: Callable[[PodSnapshot], tuple[str, ...]]
    ) -> list[str]:
        """Verify the pods in which a container runs that has not been verified."""
        lines: list[str] = []
        for snapshot in snapshots:
            ids = {running.id for running in snapshot.running.values()}
            if ids - self._verified:
                self._verified |= ids
                lines += verify(snapshot)
        return lines

    def _tell(self) -> None:
        for pod in self._pods:
            for container, folder in pod.logs.items():
                for path in _log_files(folder):
                    follower = self._followers.setdefault(path, LogFollower(path))
                    for line in follower.new_lines():
                        self._heard.add((pod, container))
                        self._reporter.log(pod.planned.name, container, line.data)
        self._reporter.pods(self.snapshots)

    def _fail_with_engine(self) -> None:
        for pod in self._pods:
            if pod.failure is not None:
                raise pod.failure

    def _continue_jobs(self) -> None:
        """Start what the Jobs want next, and stop what they want no more."""
        active_for = time.monotonic() - self._began
        for job in self._jobs.values():
            for planned in job.step(active_for, self._room):
                job.pods.append(self._start(planned))

    def _failures(self, snapshots: Sequence[PodSnapshot], until: Until, *, late: bool) -> tuple[str, ...]:
        failed = []
        for pod, snapshot in zip(self._pods, snapshots, strict=True):
            phase = snapshot.pod["status"].get("phase")
            if pod.planned.job is not None and (phase == "Failed" or self._jobs[_job_key(pod.planned)].end):
                continue
            crashing = until.kind == "time" and is_crashing(snapshot)
            if phase == "Failed" or is_stuck(snapshot) or crashing:
                failed.append(f"pod {pod.planned.name}: {why(snapshot)}")
            elif (until.kind == "ready" or late) and not is_ready(snapshot) and phase != "Succeeded":
                failed.append(f"pod {pod.planned.name} did not become ready in time: {why(snapshot)}")
        if until.kind == "ready" or late:
            failed += (
                f"pod {one.name} was not started: {one.after} is not ready"
                for one in self._to_come
                if one.after
            )
        if waiting := sum(not one.after for one in self._to_come):
            pods = "a pod was" if waiting == 1 else f"{waiting} pods were"
            failed.append(f"{pods} not started: {MAX_PODS} others run, as many as a node takes")
        failed += (text for job in self._jobs.values() if (text := job.failure(late=late)))
        return tuple(failed)

    def _execute(self, name: str, command: tuple[str, ...]) -> Execution:
        wanted, _, container = name.rpartition("/")
        for pod in self._pods:
            running = pod.snapshot.running.get(container)
            owner = pod.planned.owner.partition("/")[2]
            if running is not None and wanted in ("", pod.planned.name, owner):
                return Execution(self._engine, name, running.id, command)
        return Execution(self._engine, name, None, command)

    def end(self, interrupted: Callable[[], int]) -> None:
        """Stop all pods at once, each with its grace, and wait for their end."""
        before = interrupted()
        if before:
            self._reporter.ending()
        for pod in self._pods:
            pod.stop()
        self._engine.end_pulls()
        hurried = False
        limit = time.monotonic() + max((pod.grace for pod in self._pods), default=0) + _SLACK
        for pod in self._pods:
            # what the engine does not give back in time is reaped with the session
            while pod.alive and time.monotonic() < limit:
                pod.join(_TICK)
                if not hurried and interrupted() > before:
                    hurried = True
                    limit = min(limit, time.monotonic() + _HURRY)
                    for other in self._pods:
                        other.stop(skip_grace_period=True)
                self._reporter.pods(self.snapshots)
        if any(pod.alive for pod in self._pods):
            self._engine.hurry(_CLEAN_UP)
            for pod in self._pods:
                pod.join(_CLEAN_UP)


def _log_files(folder: Path) -> list[Path]:
    paths = [path for path in folder.glob("*.log") if path.stem.isdecimal()] if folder.is_dir() else []
    return sorted(paths, key=lambda path: int(path.stem))


def _job_key(planned: PlannedPod) -> tuple[str, str]:
    return namespace_of(planned.pod), planned.owner
