"""The pipeline of `run`: a plan goes in, its pods run on an engine, and what became of them comes out.

Every pod has a thread (`runtimes.pods`); this module follows their snapshots and logs, decides when the run
is over, and ends it. It prints nothing: a reporter is told.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from ..errors import UsageError
from ..runtimes.engine import Engine, EngineError, ExecResult
from ..runtimes.pods.logs import LogFollower
from ..runtimes.pods.runner import PodRunner
from ..runtimes.pods.values import PodSnapshot, RunOptions
from .run_plan import Plan, PlannedPod

__all__ = ["Reporter", "RunResult", "Until", "is_stuck", "parse_until", "run_plan"]

_TICK = 0.03
_RANGES = 30_000
"""Ranges of 65,536 user ids from which sessions take theirs, so that pods of two runs share none."""

_HURRY = 15.0
"""Seconds that a run's end may take after a second signal."""


_HOPELESS = frozenset(
    (
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImagePullBackOff",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    )
)
"""Waiting reasons that nothing in a run of fixed manifests and images will change."""

_HOPELESS_EVENTS = frozenset(("FailedMount", "FailedCreatePodSandBox"))

_MAX_RESTARTS = 5
"""A container that has been restarted so often and still crashes will not become ready."""


class Until(msgspec.Struct, frozen=True):
    """When a run is over: `ready`, `completed`, after `seconds`, or (`end`) when every pod has ended."""

    kind: Literal["end", "ready", "completed", "time"]
    seconds: float = 0.0


def parse_until(text: str | None) -> Until:
    """Read --until. Raises UsageError: neither a word nor a duration."""
    from ..kube.go_duration import parse_duration

    if text is None:
        return Until("end")
    if text == "ready":
        return Until("ready")
    if text == "completed":
        return Until("completed")
    seconds = parse_duration(text)
    if seconds is None:
        raise UsageError(f"--until must be ready, completed or a duration such as 30s or 2m, has {text!r}")
    return Until("time", seconds)


class Reporter(Protocol):
    """Is told what happens, in the main thread."""

    def pods(self, snapshots: Sequence[PodSnapshot]) -> None: ...

    def log(self, pod: str, container: str, data: bytes) -> None: ...


class RunResult(msgspec.Struct, frozen=True):
    """The pods as they were when the run was over, at `at`, before they were stopped. `executed`: --exec's.

    `failed`: the workload failed or did not start, in words, one line a pod. `interrupted` is the signal.
    """

    snapshots: tuple[PodSnapshot, ...]
    failed: tuple[str, ...] = ()
    executed: ExecResult | None = None
    interrupted: int = 0
    at: float = 0.0


class _Running:
    """One pod of the plan with its thread."""

    def __init__(self, planned: PlannedPod, runner: PodRunner) -> None:
        self.planned = planned
        self.runner = runner
        self.stop = threading.Event()
        self.counted = False
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._run, name=planned.name, daemon=True)
        self.followers: dict[Path, LogFollower] = {}
        self.thread.start()

    def _run(self) -> None:
        try:
            self.runner.run(self.stop)
        except Exception as error:  # noqa: BLE001 - the main thread raises it again
            self.error = error

    @property
    def snapshot(self) -> PodSnapshot:
        return self.runner.snapshot()


class _Execution:
    """A command in a container, in a thread of its own: it may last, and must not keep a signal waiting."""

    def __init__(self, engine: Engine, id: str, command: tuple[str, ...]) -> None:
        self._engine = engine
        self._held: list[ExecResult | EngineError] = []
        if id:
            threading.Thread(target=self._run, args=(id, command), daemon=True).start()
        else:
            self._held.append(ExecResult(b"", f"container {command[0]} does not run\n".encode(), 1))

    def _run(self, id: str, command: tuple[str, ...]) -> None:
        try:
            self._held.append(self._engine.exec(id, command))
        except EngineError as error:
            self._held.append(error)

    def outcome(self) -> ExecResult | None:
        """Give the result, None while it runs. Raises EngineError: the command could not be run."""
        if not self._held:
            return None
        if isinstance(self._held[0], EngineError):
            raise self._held[0]
        return self._held[0]


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
) -> RunResult:
    """Run every pod of the plan until the run is over, then stop and remove them unless they are kept.

    `command` is a container's name and what to run in it once the pods are ready. `interrupted` gives the
    number of the last signal, 0 for none; a second one ends every grace. Raises EngineError: the engine is
    gone. Raises UsageError: the command's container is in no pod.
    """
    if command is not None:
        _find_container(plan, command[0])
    run = _Run(plan, engine, options, directory, session, reporter)
    try:
        run.begin()
        result = run.follow(until, timeout, command, interrupted, verify)
        return msgspec.structs.replace(result, at=time.time())
    finally:
        run.end(interrupted)


class _Run:
    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        options: RunOptions,
        directory: Path,
        session: str,
        reporter: Reporter,
    ) -> None:
        self._plan = plan
        self._engine = engine
        self._options = options
        self._directory = directory
        self._session = session
        self._reporter = reporter
        self._running: list[_Running] = []
        self._jobs: dict[str, list[_Running]] = {}
        self._seen: set[str] = set()

    def begin(self) -> None:
        """Start every pod; of a Job as many as run at a time."""
        for planned in self._plan.pods:
            first = [planned]
            if planned.times is not None:
                wanted = min(planned.parallel, planned.times)
                first = [planned, *(planned.again() for _ in range(wanted - 1))][:wanted]
            for one in first:
                self._start(one)

    def _start(self, planned: PlannedPod) -> None:
        runner = PodRunner(
            planned.pod,
            engine=self._engine,
            objects=self._plan.objects,
            options=self._options,
            directory=self._directory / "pods" / f"{planned.name}-{len(self._running)}",
            session=self._session,
            handler=planned.handler,
            user_range=int(self._session, 16) % _RANGES + len(self._running),
        )
        held = _Running(planned, runner)
        self._running.append(held)
        if planned.times is not None:
            self._jobs.setdefault(planned.owner, []).append(held)

    @property
    def snapshots(self) -> tuple[PodSnapshot, ...]:
        return tuple(held.snapshot for held in self._running)

    def follow(
        self,
        until: Until,
        timeout: float | None,
        command: tuple[str, tuple[str, ...]] | None,
        interrupted: Callable[[], int],
        verify: Callable[[PodSnapshot], tuple[str, ...]] | None,
    ) -> RunResult:
        began = time.monotonic()
        execution: _Execution | None = None
        differing: dict[str, None] = {}
        while True:
            signal = interrupted()
            self._tell()
            self._fail_with_engine()
            self._continue_jobs()
            snapshots = self.snapshots
            executed = execution.outcome() if execution is not None else None
            if signal:
                return RunResult(snapshots, (), executed, signal)
            if verify is not None:
                differing |= dict.fromkeys(self._verified(snapshots, verify))
            waited = time.monotonic() - began
            if command is not None and execution is None and all(map(_is_ready, snapshots)):
                execution = self._execute(*command)
            late = timeout is not None and waited >= timeout
            looking = command is not None and executed is None
            over = self._is_over(snapshots, until, waited) or (command is not None and until.kind == "end")
            if (over and not looking) or late or (self._hopeless(until) and execution is None):
                self._tell()
                failed = self._failures(self.snapshots, until, late=late)
                if looking and not failed:
                    failed = ("the command of --exec did not end in time",)
                return RunResult(self.snapshots, (*failed, *differing), executed)
            time.sleep(_TICK)

    def _verified(
        self, snapshots: Sequence[PodSnapshot], verify: Callable[[PodSnapshot], tuple[str, ...]]
    ) -> list[str]:
        """Look at the pods in which a container runs that has not been looked at."""
        lines: list[str] = []
        for snapshot in snapshots:
            ids = {running.id for running in snapshot.running.values()}
            if ids - self._seen:
                self._seen |= ids
                lines += verify(snapshot)
        return lines

    def _tell(self) -> None:
        for held in self._running:
            for container, folder in held.runner.logs.items():
                for path in _log_files(folder):
                    follower = held.followers.setdefault(path, LogFollower(path))
                    for line in follower.new_lines():
                        self._reporter.log(held.planned.name, container, line.data)
        self._reporter.pods(self.snapshots)

    def _fail_with_engine(self) -> None:
        for held in self._running:
            failure = held.error or held.runner.failure
            if failure is not None:
                raise failure

    def _continue_jobs(self) -> None:
        """Start a Job's next pod when one has ended, until it has succeeded or failed often enough."""
        for pods in self._jobs.values():
            planned = pods[0].planned
            phases = [held.snapshot.pod["status"].get("phase") for held in pods]
            active = sum(phase not in ("Succeeded", "Failed") for phase in phases)
            missing = (planned.times or 0) - phases.count("Succeeded") - active
            while missing > 0 and active < planned.parallel and phases.count("Failed") <= planned.retries:
                self._start(pods[0].planned.again())
                active, missing = active + 1, missing - 1

    def _is_over(self, snapshots: Sequence[PodSnapshot], until: Until, waited: float) -> bool:
        if until.kind == "time":
            return waited >= until.seconds or all(snapshot.finished for snapshot in snapshots)
        if all(snapshot.finished for snapshot in snapshots):
            return True
        debugged = [_debuggers_ended(snapshot) for snapshot in snapshots]
        if any(ended is False for ended in debugged):
            return False
        if until.kind == "ready":
            return all(_is_ready(snapshot) or snapshot.finished for snapshot in snapshots)
        # who looks into a pod is done when the look is
        return until.kind == "end" and any(debugged)

    def _hopeless(self, until: Until) -> bool:
        """Tell whether nothing that is waited for can come about any more."""
        if until.kind == "time":
            return False
        moving = [held.snapshot for held in self._running if not held.snapshot.finished]
        if not moving or not any(is_stuck(snapshot) for snapshot in moving):
            return False
        if not all(snapshot.settled for snapshot in moving):
            return False  # the other containers have not had their turn
        return all(is_stuck(snapshot) or _is_ready(snapshot) for snapshot in moving)

    def _failures(self, snapshots: Sequence[PodSnapshot], until: Until, *, late: bool) -> tuple[str, ...]:
        failed = []
        for held, snapshot in zip(self._running, snapshots, strict=True):
            phase = snapshot.pod["status"].get("phase")
            if held.planned.times is not None and phase == "Failed":
                continue
            if phase == "Failed" or is_stuck(snapshot):
                failed.append(f"pod {held.planned.name}: {_why(snapshot)}")
            elif (until.kind == "ready" or late) and not _is_ready(snapshot) and phase != "Succeeded":
                failed.append(f"pod {held.planned.name} did not become ready in time: {_why(snapshot)}")
        for owner, pods in self._jobs.items():
            done = [held.snapshot.pod["status"].get("phase") for held in pods].count("Succeeded")
            wanted = pods[0].planned.times or 0
            if done < wanted and all(held.snapshot.finished for held in pods):
                failed.append(f"{owner}: {done} of {wanted} completions")
        return tuple(failed)

    def _execute(self, name: str, command: tuple[str, ...]) -> "_Execution":
        pod, _, container = name.rpartition("/")
        for held in self._running:
            running = held.snapshot.running.get(container)
            if running is not None and pod in ("", held.planned.name, held.planned.owner.partition("/")[2]):
                return _Execution(self._engine, running.id, command)
        return _Execution(self._engine, "", (name,))

    def end(self, interrupted: Callable[[], int]) -> None:
        """Stop all pods at once, each with its grace, and wait for their end."""
        before = interrupted()
        for held in self._running:
            held.stop.set()
        hurried = False
        limit = float("inf")
        for held in self._running:
            # what the engine does not give back in time is reaped with the session
            while held.thread.is_alive() and time.monotonic() < limit:
                held.thread.join(_TICK)
                if not hurried and interrupted() > before:
                    hurried = True
                    limit = time.monotonic() + _HURRY
                    for other in self._running:
                        other.runner.hurry.set()
                self._reporter.pods(self.snapshots)


def _log_files(folder: Path) -> list[Path]:
    found = [path for path in folder.glob("*.log") if path.stem.isdecimal()] if folder.is_dir() else []
    return sorted(found, key=lambda path: int(path.stem))


def _find_container(plan: Plan, name: str) -> None:
    known = [
        container["name"]
        for planned in plan.pods
        for kind in ("initContainers", "containers", "ephemeralContainers")
        for container in planned.pod["spec"].get(kind) or ()
    ]
    if name.rpartition("/")[2] not in known:
        raise UsageError(f"--exec {name}: no such container, there are {', '.join(known)}")


def _is_ready(snapshot: PodSnapshot) -> bool:
    status = snapshot.pod["status"]
    if status.get("phase") == "Succeeded":
        return True
    return any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions") or ())


def _debuggers_ended(snapshot: PodSnapshot) -> bool | None:
    """Tell whether the pod's ephemeral containers have ended; None when it has none."""
    if not snapshot.pod["spec"].get("ephemeralContainers"):
        return None
    held = snapshot.pod["status"].get("ephemeralContainerStatuses") or ()
    return bool(held) and all("terminated" in (one.get("state") or {}) for one in held)


def is_stuck(snapshot: PodSnapshot) -> bool:
    """Tell whether a pod waits for what will not come: a wrong setting, an image, a volume."""
    status = snapshot.pod["status"]
    if status.get("phase") in ("Failed", "Succeeded"):
        return False
    for held in _container_statuses(status):
        reason = ((held.get("state") or {}).get("waiting") or {}).get("reason")
        if reason in _HOPELESS:
            return True
        if reason == "CrashLoopBackOff" and int(held.get("restartCount") or 0) >= _MAX_RESTARTS:
            return True
    begun = any(held.get("containerID") for held in _container_statuses(status))
    return not begun and any(event.reason in _HOPELESS_EVENTS for event in snapshot.events)


def _container_statuses(status: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        held for field in ("initContainerStatuses", "containerStatuses") for held in status.get(field) or ()
    ]


def _why(snapshot: PodSnapshot) -> str:
    """Say in one line what a pod waits for or ended with."""
    status = snapshot.pod["status"]
    if status.get("reason"):
        return f"{status['reason']}: {status.get('message') or ''}".rstrip(": ")
    for held in _container_statuses(status):
        state = held.get("state") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
        if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
            return f'container "{held["name"]}": {waiting["reason"]}: {waiting.get("message") or ""}'.rstrip(
                ": "
            )
        if ended.get("exitCode"):
            return (
                f'container "{held["name"]}": {ended.get("reason") or "Error"}, exit code {ended["exitCode"]}'
            )
    for event in snapshot.events:
        if event.reason in _HOPELESS_EVENTS:
            return f"{event.reason}: {event.message}"
    return str(status.get("phase") or "")
