"""Runs the pod of one object on an engine until it is ready or has ended, and says how that went.

A value comes in, what was seen goes out: the failure, the last lines of the log, what was refused and what
was written. Nothing of the pod is left afterwards.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ...images.reference import normalize
from ...kube.visit import visit_mappings
from ...runtimes.cri.snapshots import overlay_options
from ...runtimes.embedded import EmbeddedEngine
from ...runtimes.engine import Engine
from ...runtimes.observation.written import RootLayers, layers_of_options, root_layers
from ...runtimes.pods.dangers import Allowed, refusals
from ...runtimes.pods.logs import read_lines
from ...runtimes.pods.values import PodSnapshot, RunningContainer, RunOptions
from ..run.plan import Plan, PlannedPod, plan_objects
from ..run.progress import is_ready, is_stuck, why
from ..run.supervise import SupervisedPod, Supervisor
from .trial_messages import refusals_in
from .trial_seen import Interrupted, NotRun, SeenRun

__all__ = ["PodTrials"]

_TICK = 0.02
_SETTLING = 1.0
"""Seconds that a pod whose containers all have probes has to stay ready."""

_SETTLING_WITHOUT_PROBES = 3.0
"""Seconds that any other pod has to stay: it counts as ready as soon as its processes are there."""

_RESTARTS = 2
"""Restarts of a pod that nothing is known of yet, before it counts as failed."""

_RUNTIMES_OWN = ("/dev", "/proc", "/sys", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf")
"""What a runtime mounts into every container. Source: OCI runtime specification; containerd internal/cri."""

_LAG = 1.0
"""Seconds for which a log may lag behind the end of its container."""

_LINES_SAID = 5
_LINES_READ = 400


class PodTrials:
    """Runs pods one after the other, within one session of an engine.

    `beside` are the objects that pods may refer to. `served` are the images at hand, by their full names.
    `sysctls` are those that the runtime which was asked about sets. `timeout` bounds each run, in seconds.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        options: RunOptions,
        directory: Path,
        session: str,
        allow: Allowed,
        beside: Sequence[tuple[Any, str]] = (),
        sysctls: tuple[tuple[str, str], ...] = (),
        timeout: float = 60.0,
        interrupted: Callable[[], int] = lambda: 0,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._engine, self._options, self._allow = engine, options, allow
        self._directory, self._session = directory, session
        self._beside, self._sysctls = beside, sysctls
        self._timeout, self._interrupted, self._told = timeout, interrupted, told
        self._count = 0

    def run(self, value: Any, before: SeenRun | None = None) -> SeenRun:
        """Run the object's pod; `before` is how the object went as it was, which bounds the patience.

        Raises NotRun: it cannot be run here, with the reason; Interrupted; EngineError: the engine is gone.
        """
        plan, planned = self._planned(value)
        self._count += 1
        state = "as it was" if before is None else "changed"
        self._told(f"running {planned.owner or f'Pod/{planned.name}'}, {state}")
        claims = str(self._directory / f"claims-{self._count}")
        supervisor = Supervisor(
            engine=self._engine,
            options=msgspec.structs.replace(self._options, claims=claims, served=self._at_hand(planned.pod)),
            directory=self._directory,
            session=self._session,
        )
        with supervisor.running(planned, plan.objects) as pod:
            return _Watch(pod, self._limit(before), self._interrupted, self._ended_layers).result(before)

    def _ended_layers(self, container: RunningContainer) -> RootLayers | None:
        """Find the root file system of a container that has ended already; None: the engine does not tell."""
        if not isinstance(self._engine, EmbeddedEngine):
            return None
        options = overlay_options(self._engine.places.socket, container.id)
        mounts = (*_RUNTIMES_OWN, *(mount.container_path for mount in container.request.mounts))
        return layers_of_options(options.split(","), mounts) if options is not None else None

    def _limit(self, before: SeenRun | None) -> float:
        return self._timeout if before is None else min(self._timeout, 20 + 5 * before.seconds)

    def _planned(self, value: Any) -> tuple[Plan, PlannedPod]:
        plan = plan_objects([(value, "it"), *self._beside])
        if not plan.pods:
            refused = [line.removeprefix("it: ") for line in plan.refused if line.startswith("it: ")]
            raise NotRun(refused[0] if refused else "it makes no pod")
        planned = plan.pods[0]
        if (planned.pod["spec"].get("os") or {}).get("name") == "windows":
            raise NotRun("it is for Windows")
        if dangers := refusals(planned.pod, self._allow):
            raise NotRun(dangers[0])
        at_hand = self._at_hand(planned.pod)
        for image in _images(planned.pod):
            if normalize(image) not in at_hand:
                raise NotRun(f"image {image} is not at hand: name a file with it in --image-archive")
        return plan, msgspec.structs.replace(planned, pod=self._as_runtime(planned.pod))

    def _at_hand(self, pod: Mapping[str, Any]) -> frozenset[str]:
        """Name the images that are there: those of the archives, and what the engine has of the pod's."""
        images = {normalize(image) for image in _images(pod) if self._engine.image(image) is not None}
        return self._options.served | images

    def _as_runtime(self, pod: dict[str, Any]) -> dict[str, Any]:
        """Give the pod the sysctls that the runtime which was asked about sets by itself."""
        spec = pod["spec"]
        context = spec.get("securityContext") or {}
        have = {str(item.get("name")) for item in context.get("sysctls") or ()}
        if spec.get("hostNetwork"):
            return pod
        more = [{"name": name, "value": text} for name, text in self._sysctls if name not in have]
        if not more:
            return pod
        context = {**context, "sysctls": [*(context.get("sysctls") or ()), *more]}
        return {**pod, "spec": {**spec, "securityContext": context}}


def _images(pod: Mapping[str, Any]) -> list[str]:
    return [str(container.get("image") or "") for _, container, _ in visit_mappings(pod["spec"])]


class _Watch:
    """Looks at one pod while it runs."""

    def __init__(
        self,
        pod: SupervisedPod,
        limit: float,
        interrupted: Callable[[], int],
        ended_layers: Callable[[RunningContainer], RootLayers | None],
    ) -> None:
        self._pod, self._limit, self._interrupted = pod, limit, interrupted
        self._ended_layers = ended_layers
        self._layers: dict[str, RootLayers] = {}
        self._looked: set[str] = set()
        self._began = time.monotonic()
        spec = pod.planned.pod["spec"]
        regular = spec.get("containers") or ()
        self._probed = all(one.get("readinessProbe") or one.get("startupProbe") for one in regular)
        self._settling = _SETTLING if self._probed else _SETTLING_WITHOUT_PROBES

    def result(self, before: SeenRun | None) -> SeenRun:
        """Wait until it is known how the pod goes."""
        allowed = _RESTARTS if before is None else before.restarts + 1
        ready_since: float | None = None
        while True:
            if self._interrupted():
                raise Interrupted
            if self._pod.failure is not None:
                raise self._pod.failure
            snapshot, now = self._pod.snapshot, time.monotonic()
            self._look(snapshot)
            status = snapshot.pod["status"]
            if status.get("phase") == "Succeeded":
                return self._worked(snapshot, f"completed after {now - self._began:.0f} s")
            if status.get("phase") == "Failed" or (snapshot.settled and is_stuck(snapshot)):
                return self._failed(snapshot)
            if _restarts(snapshot) > allowed:
                return self._failed(snapshot)
            if not is_ready(snapshot):
                ready_since = None
            elif ready_since is None:
                ready_since = now
            elif now - ready_since >= self._settling:
                return self._worked(snapshot, self._how(ready_since - self._began))
            if now - self._began > self._limit:
                return self._failed(snapshot, late=True)
            if not self._pod.alive:
                return self._failed(snapshot)
            time.sleep(_TICK)

    def _how(self, seconds: float) -> str:
        if self._probed:
            return f"ready by its probes after {seconds:.0f} s"
        return f"ran for {self._settling:.0f} s, with no probe to tell more"

    def _look(self, snapshot: PodSnapshot) -> None:
        """Find the root file systems of containers that have not been looked at; of the latest start."""
        for name, running in snapshot.running.items():
            if running.pid is None or running.id in self._looked:
                continue
            self._looked.add(running.id)
            if (layers := root_layers(running.pid)) is not None:
                self._layers[name] = layers

    def _look_back(self, snapshot: PodSnapshot) -> None:
        """Find the root file systems of containers that ended before they could be looked at."""
        for name, started in snapshot.started.items():
            if name not in self._layers and (layers := self._ended_layers(started)) is not None:
                self._layers[name] = layers

    def _worked(self, snapshot: PodSnapshot, how: str) -> SeenRun:
        self._look_back(snapshot)
        written = {name: layers.written() for name, layers in self._layers.items()}
        return SeenRun(
            how=how,
            seconds=time.monotonic() - self._began,
            restarts=_restarts(snapshot),
            layers=self._layers,
            written={name: one.folders for name, one in written.items()},
            blocked={name: one.blocked for name, one in written.items()},
        )

    def _failed(self, snapshot: PodSnapshot, *, late: bool = False) -> SeenRun:
        self._look_back(snapshot)
        container, failure = _failure(snapshot, late=late, limit=self._limit)
        names = [container] if container else list(self._pod.logs)
        lines = self._last_lines(names)
        return SeenRun(
            failure=failure,
            container=container,
            lines=tuple(lines[-_LINES_SAID:]),
            refused=refusals_in(lines),
            seconds=time.monotonic() - self._began,
            restarts=_restarts(snapshot),
            layers=self._layers,
        )

    def _last_lines(self, names: list[str]) -> list[str]:
        """Give the last lines of some containers; what was printed at the end is there a moment later."""
        end = time.monotonic() + _LAG
        while True:
            lines = [line for name in names for line in _log(self._pod.logs.get(name))]
            if lines or time.monotonic() > end:
                return lines
            time.sleep(_TICK)


def _statuses(snapshot: PodSnapshot) -> list[Mapping[str, Any]]:
    status = snapshot.pod["status"]
    return [
        *(status.get("initContainerStatuses") or ()),
        *(status.get("containerStatuses") or ()),
    ]


def _restarts(snapshot: PodSnapshot) -> int:
    return sum(int(one.get("restartCount") or 0) for one in _statuses(snapshot))


def _failure(snapshot: PodSnapshot, *, late: bool, limit: float) -> tuple[str, str]:
    """Name the container that failed, and say in a line how."""
    for one in _statuses(snapshot):
        state, last = one.get("state") or {}, one.get("lastState") or {}
        ended = state.get("terminated") or last.get("terminated") or {}
        waiting = state.get("waiting") or {}
        if ended.get("exitCode"):
            message = str(ended.get("message") or "").strip().split("\n")[-1]
            code = f'container "{one["name"]}" ended with exit code {ended["exitCode"]}'
            return str(one["name"]), f"{code}: {message}" if message else code
        if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing", "CrashLoopBackOff"):
            return str(one["name"]), why(snapshot)
    if late:
        warned = [event for event in snapshot.events if event.type == "Warning"]
        told = f": {warned[-1].message.strip()}" if warned else ""
        slow = next((one for one in _statuses(snapshot) if not one.get("ready")), {})
        return str(slow.get("name") or ""), f"not ready within {limit:.0f} s{told}"
    return "", why(snapshot)


def _log(folder: Path | None) -> Iterable[str]:
    """Give the last lines of a container's latest log that has any."""
    files = [path for path in folder.glob("*.log") if path.stem.isdecimal()] if folder is not None else []
    for path in sorted(files, key=lambda path: int(path.stem), reverse=True):
        text = b"".join(line.data for line in read_lines(path)).decode("utf-8", "replace")
        if lines := [line for line in text.splitlines() if line.strip()]:
            return lines[-_LINES_READ:]
    return []
