"""Runs one pod from its admission to its end: the kubelet's loop over one pod, in one thread.

What to do is decided by the room `kubelet`; the parts beside this module do it. `run` returns when the pod
has ended or `stop` is set, and leaves nothing behind.
"""

import copy
import os
import threading
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...kube.pod import raw_pod
from ...kubelet.admit import reject, rejection_message
from ...kubelet.objects import Objects
from ...kubelet.pod_actions import compute_pod_actions
from ...kubelet.scheduling import FAILED_SCHEDULING, SCHEDULER, unschedulable, unscheduled_status
from ...kubelet.status import ContainerRuntimeState, PodRuntimeState, build_status, timestamp
from ..embedded.cleanup import remove_tree
from ..engine import Engine, EngineError
from .context import PodContext
from .eviction import VolumeLimits
from .logs import truncate_log
from .probing import Probing
from .reach import NetworkLocation
from .sandbox import SandboxManager
from .starter import Starter
from .stopper import Stopper
from .tracked import track
from .values import Clock, PodSnapshot, RunningContainer, RunOptions, Spawn
from .volumes import Volumes
from .volumes.context import VolumeContext
from .wall_clock import WallClock, in_thread

__all__ = ["PodRunner"]

_QUICK, _SLOW = 0.03, 0.25
"""Seconds between two looks: soon after something has happened, and later."""

_CLOSER_LOOK = 2.0
"""Seconds between two looks at what costs more to see: sizes of volumes and logs, and the sandbox."""

_PATIENCE = 15.0
"""Seconds that the engine may be silent before the pod is given up."""


class PodRunner:
    """One pod on one engine.

    `pod` is decoded and defaulted; `objects` holds what it refers to. `directory` is the pod's own folder,
    made and removed here. `handler` is the runtime class's.
    `user_range` numbers pods with user namespaces. `uid` is the pod's, a new one by default.
    Raises ManifestError when a field has an impossible type.
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
        clock: Clock | None = None,
        spawn: Spawn = in_thread,
        handler: str = "",
        user_range: int = 0,
        uid: str = "",
    ) -> None:
        pod = copy.deepcopy(pod)
        self._clock = clock or WallClock()
        metadata = pod.setdefault("metadata", {})
        metadata.setdefault("namespace", "default")
        # never the manifest's: cgroups and files are named after it
        metadata["uid"] = uid or str(uuid.uuid4())
        metadata["creationTimestamp"] = timestamp(self._clock.now())
        self._unscheduled = unschedulable(pod, objects)
        if not self._unscheduled:
            pod["spec"]["nodeName"] = options.node_name
        self._context = PodContext(
            pod,
            engine=engine,
            objects=objects,
            options=options,
            directory=directory,
            session=session,
            clock=self._clock,
            spawn=spawn,
            user_range=user_range,
        )
        # what is in it (secrets, logs) is root's: containers get at it by mounts, which need no way to it
        os.makedirs(directory, mode=0o700, exist_ok=True)
        self._tracked = track(self._context)
        self._volumes = Volumes(directory / "volumes", self._volume_context())
        self._limits = VolumeLimits(self._context.spec)
        self._sandbox = SandboxManager(self._context, handler)
        self._stopper = Stopper(self._context)
        self._starter = Starter(self._context, self._sandbox, self._volumes, self._stopper)
        self._probing = Probing(self._context)
        self._started_at = self._clock.now()
        self._changed_at = self._started_at
        self._mount_again_at = 0.0
        self._look_closer_at = 0.0
        self._terminal = False
        self._phase: str | None = None
        self._reason = self._message = ""
        self._status: dict[str, Any] = {}
        self.failure: EngineError | None = None
        self._snapshot = self._made(settled=False)

    def snapshot(self) -> PodSnapshot:
        """Give the pod as it is now; may be called from any thread."""
        return self._snapshot

    @property
    def skip_grace_period(self) -> threading.Event:
        """When set, nothing waits for a grace period any more."""
        return self._stopper.skip_grace_period

    @property
    def logs(self) -> Mapping[str, Path]:
        """Give for each container the folder of its logs, `0.log` for the first attempt."""
        return {name: self._context.directory / "logs" / name for name in self._tracked}

    @property
    def log_files(self) -> Mapping[str, Path]:
        """Give the log of each attempt that the runtime still has, by the container's id."""
        folders = self.logs
        return {
            attempt.id: folders[name] / f"{attempt.restart_count}.log"
            for name, tracked in self._tracked.items()
            for attempt in tuple(tracked.attempts)
        }

    @property
    def location(self) -> NetworkLocation | None:
        """Say where the pod's servers are reached; None while it has no sandbox."""
        location = self._context.location
        # without a process, loopback would be this machine's own
        unknown = location.pid is None and not self._context.address and not self._context.host_network
        return None if unknown or self._sandbox.state != "ready" else location

    def run(self, stop: threading.Event) -> None:
        """Run the pod to its end, or until `stop` is set; then end it with its grace and clean up.

        A pod that has ended by itself stays as it is until `stop` is set, so that it can be looked at.
        """
        try:
            if self._scheduled() and self._admitted():
                self._loop(stop)
            self._publish(settled=True)
            while not stop.is_set():
                self._clock.wait(stop, 3600)
            self._end()
        except EngineError as error:
            self.failure = error
        except OSError as error:
            where = f" {error.filename}" if error.filename else ""
            self.failure = EngineError("Internal", f"cannot write{where}: {error.strerror or error}")
        finally:
            self._clean()
            self._publish(settled=True)

    def _scheduled(self) -> bool:
        if self._unscheduled:
            self._context.record_event("Warning", FAILED_SCHEDULING, self._unscheduled, source=SCHEDULER)
        return not self._unscheduled

    def _admitted(self) -> bool:
        context = self._context
        placed = tuple(tracked.placed for tracked in self._tracked.values())
        setting = context.options.setting
        event = reject(raw_pod(context.pod), placed, setting)
        if event is None:
            return True
        context.record_event("Warning", event.reason, event.message)
        self._fail(event.reason, rejection_message(event, setting.version))
        return False

    def _fail(self, reason: str, message: str) -> None:
        self._phase, self._reason, self._message = "Failed", reason, message
        self._terminal = True

    def _loop(self, stop: threading.Event) -> None:
        silent_since: float | None = None
        while not stop.is_set() and not self._terminal:
            try:
                active = self._sync()
                silent_since = None
            except EngineError as error:
                now = self._clock.now()
                silent_since = silent_since or now
                if error.code != "Unavailable" or now - silent_since > _PATIENCE:
                    raise
                active = False
            if active:
                self._changed_at = self._clock.now()
            self._publish(settled=not active and not self._is_moving())
            if not self._terminal:
                quick = self._clock.now() - self._changed_at < 2
                self._clock.wait(stop, _QUICK if quick else _SLOW)

    def _sync(self) -> bool:
        """Look once and do what is to be done; True when something happened."""
        now = self._clock.now()
        changed = self._refresh(now)
        if changed:
            # the state that ended is shown before what comes after it
            self._publish(settled=False)
        if self._deadline_passed(now):
            return True
        if now >= self._look_closer_at:
            self._look_closer_at = now + _CLOSER_LOOK
            self._bound_logs()
            if self._volume_is_full() or self._sandbox_is_lost():
                return True
        if not self._prepare(now):
            return changed
        actions = compute_pod_actions(
            self._context.spec,
            {name: tracked.latest for name, tracked in self._tracked.items() if tracked.latest},
            {
                tracked.latest.id: self._probing.results(tracked)
                for tracked in self._tracked.values()
                if tracked.latest is not None and tracked.running
            },
        )
        if actions.kill_pod:
            self._finish()
            return True
        for kill in actions.kill:
            tracked = self._tracked[kill.name]
            if tracked.killing != kill.id:
                self._stopper.kill(tracked, kill.message, kill.reason)
                changed = True
        for name in actions.start:
            tracked = self._tracked[name]
            if not tracked.running and self._starter.start(tracked, self._tracked):
                changed = True
                self._publish(settled=False)
        return changed

    def _refresh(self, now: float) -> bool:
        changed = False
        for tracked in self._tracked.values():
            changed = tracked.refresh(self._context) or changed
            self._probing.step(tracked, now)
        return self._probing.collect() or changed

    def _deadline_passed(self, now: float) -> bool:
        """End the pod when it has been active for longer than it may (then True)."""
        limit = self._context.spec.get("activeDeadlineSeconds")
        if limit is None or now - self._started_at < limit:
            return False
        message = "Pod was active on the node longer than the specified deadline"
        self._context.record_event("Normal", "DeadlineExceeded", message)
        self._finish("DeadlineExceeded", message)
        return True

    def _volume_is_full(self) -> bool:
        """Evict the pod when a volume holds more than its limit (then True)."""
        message = self._limits.exceeded(self._volumes)
        if message is None:
            return False
        self._context.record_event("Warning", "Evicted", message)
        self._finish("Evicted", message)
        return True

    def _sandbox_is_lost(self) -> bool:
        """Let a pod whose sandbox is gone begin again in another, or end if it never restarts (True)."""
        if not self._sandbox.is_gone():
            return False
        for tracked in self._tracked.values():
            tracked.refresh(self._context)
        self._sandbox.remove()
        once = self._context.spec.get("restartPolicy") == "Never"
        if once and any(tracked.attempts for tracked in self._tracked.values()):
            self._finish()
            return True
        return False

    def _prepare(self, now: float) -> bool:
        """Mount the volumes and make the sandbox; False while that does not work."""
        if now < self._mount_again_at:
            return False
        problems = self._volumes.set_up(now)
        for volume, problem in problems:
            message = f'MountVolume.SetUp failed for volume "{volume}" : {problem}'
            self._context.record_event("Warning", "FailedMount", message)
        if problems:
            self._mount_again_at = now + self._context.retry_delay
            return False
        return self._sandbox.ensure(now)

    def _finish(self, reason: str = "", message: str = "") -> None:
        """Stop what still runs; the pod has ended for good."""
        if reason:
            self._fail(reason, message)
        self._stopper.stop_all(self._tracked)
        for tracked in self._tracked.values():
            tracked.refresh(self._context)
        self._sandbox.stop()
        self._terminal = True

    def _end(self) -> None:
        """Delete the pod as a user would: with its grace, and shown as Terminating meanwhile."""
        if self._terminal or self._unscheduled:
            return
        metadata = self._context.pod["metadata"]
        metadata["deletionTimestamp"] = timestamp(self._clock.now())
        metadata["deletionGracePeriodSeconds"] = self._context.spec.get("terminationGracePeriodSeconds") or 0
        self._publish(settled=False)
        self._finish()

    def _clean(self) -> None:
        self._sandbox.remove()
        self._limits.close()
        with suppress(OSError):  # what is still mounted, or was not done in time, goes with the session
            remove_tree(self._context.directory)

    def _bound_logs(self) -> None:
        for tracked in self._tracked.values():
            if tracked.latest is not None:
                path = self._context.directory / "logs" / tracked.name / f"{tracked.latest.restart_count}.log"
                truncate_log(path, self._context.options.max_log)

    def _is_moving(self) -> bool:
        """Tell whether something is under way that will change the pod soon."""
        return any(
            tracked.running and tracked.latest is not None and tracked.killing == tracked.latest.id
            for tracked in self._tracked.values()
        )

    def _publish(self, *, settled: bool) -> None:
        self._snapshot = self._made(settled=settled)

    def _made(self, *, settled: bool) -> PodSnapshot:
        context, options = self._context, self._context.options
        containers = {
            name: ContainerRuntimeState(
                tracked.latest,
                tracked.last,
                tracked.waiting,
                self._probing.started(tracked),
                self._probing.ready(tracked),
            )
            for name, tracked in self._tracked.items()
        }
        state = PodRuntimeState(
            sandbox=self._sandbox.state,
            pod_ip=options.host_ip if context.host_network and self._sandbox.id else context.address,
            host_ip=options.host_ip,
            started_at=self._started_at,
            runtime=context.features.name,
            recursive_read_only=context.features.recursive_read_only,
            terminal=self._terminal,
            phase=self._phase,
            reason=self._reason,
            message=self._message,
        )
        if self._unscheduled:
            since = timestamp(self._started_at)
            self._status = unscheduled_status(context.pod, self._unscheduled, since)
        else:
            self._status = build_status(context.pod, containers, state, self._status, self._clock.now())
        pod = {**context.pod, "metadata": dict(context.pod["metadata"]), "status": self._status}
        started = self._started()
        running = {name: run for name, run in started.items() if self._tracked[name].running}
        return PodSnapshot(pod, context.events, running, settled, self._terminal, started)

    def _started(self) -> dict[str, RunningContainer]:
        if self._sandbox.request is None:
            return {}
        return {
            name: RunningContainer(
                latest.id,
                tracked.pids.get(latest.id) if tracked.running else None,
                tracked.requests[latest.id],
                self._sandbox.request,
                self._sandbox.id,
            )
            for name, tracked in self._tracked.items()
            if (latest := tracked.latest) is not None and latest.started_at and latest.id in tracked.requests
        }

    def _volume_context(self) -> VolumeContext:
        options = self._context.options
        claims = Path(options.claims) if options.claims else self._context.directory / "claims"
        return VolumeContext(
            self._context.pod, self._context.objects, self._context.downward, options.host_paths, claims
        )
