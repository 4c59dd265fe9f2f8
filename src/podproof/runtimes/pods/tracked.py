"""One container of a pod over all its attempts: what the engine last said of each."""

from collections.abc import Mapping
from typing import Any

from ...effective.container_in_pod import ContainerInPod, place_containers
from ...kube.pod import raw_pod
from ...kube.visit import ContainerKind
from ...kubelet.instance import Instance
from ...manifest.route import value_at
from ..engine import ContainerRequest, ContainerStatus, Engine, EngineError
from .context import PodContext
from .files import read_termination_log
from .logs import tail_text

__all__ = ["Tracked", "track"]

_GONE = "The container could not be located when the pod was terminated"


class Tracked:
    """A container: `container` as the pod has it, and `placed` with all that decides about its security.

    The image of `placed` is None until the container starts. `waiting` is the reason and message of its last
    failed start, None after one that worked.

    `retry_at`: not before this moment is a failed start tried again. `killing`: the id that is being stopped.
    `announced`: the end whose back-off has been told.
    """

    def __init__(self, container: Mapping[str, Any], placed: ContainerInPod) -> None:
        self.container = container
        self.placed = placed
        self.name = str(container.get("name"))
        self.attempts: list[Instance] = []
        self.requests: dict[str, ContainerRequest] = {}
        self.pids: dict[str, int | None] = {}
        self.waiting: tuple[str, str] | None = None
        self.retry_at = 0.0
        self.killing = ""
        self.announced = 0.0

    @property
    def kind(self) -> ContainerKind:
        """Give the kind, which decides about order, restarts and probes."""
        return self.placed.kind

    @property
    def latest(self) -> Instance | None:
        """Give the attempt that counts, None before the first."""
        return self.attempts[-1] if self.attempts else None

    @property
    def last(self) -> Instance | None:
        """Give the attempt before the latest."""
        return self.attempts[-2] if len(self.attempts) > 1 else None

    @property
    def running(self) -> bool:
        """Tell whether the latest attempt ran when the engine was last asked."""
        return self.latest is not None and self.latest.state == "running"

    @property
    def field_path(self) -> str:
        """Write the container as events name it: `spec.containers{web}`."""
        return f"spec.{self.placed.route[1]}{{{self.name}}}"

    def created(self, id: str, request: ContainerRequest, now: float) -> None:
        """Begin a new attempt."""
        self.requests[id] = request
        self.attempts.append(Instance(id, self.name, "created", request.attempt, created_at=now))

    def refresh(self, context: PodContext) -> bool:
        """Ask the engine about the latest attempt; True when its state has changed."""
        before = self.latest
        if before is None or before.state == "exited":
            return False
        try:
            status = context.engine.container(before.id)
        except EngineError as error:
            if error.code != "NotFound":
                raise
            status = ContainerStatus(
                before.id, self.name, "exited", exit_code=137, reason="ContainerStatusUnknown", message=_GONE
            )
        now = _instance(status, before, self.container, context)
        self.pids[before.id] = status.pid
        self.attempts[-1] = now
        return now.state != before.state

    def forget_old(self, engine: Engine) -> None:
        """Remove attempts that no status shows any more."""
        while len(self.attempts) > 2:
            old = self.attempts.pop(0)
            self.requests.pop(old.id, None)
            self.pids.pop(old.id, None)
            try:
                engine.remove_container(old.id)
            except EngineError:
                # it goes with the sandbox
                continue


def track(context: PodContext) -> dict[str, Tracked]:
    """Follow every container under its name, in the order in which they start."""
    containers = place_containers(raw_pod(context.pod), context.options.setting)
    followed = (Tracked(value_at(context.pod, placed.route), placed) for placed in containers)
    return {tracked.name: tracked for tracked in followed}


def _instance(
    status: ContainerStatus, before: Instance, container: Mapping[str, Any], context: PodContext
) -> Instance:
    message = status.message
    if status.state == "exited":
        ended = _termination_message(status, before, container, context)
        if ended:
            message = f"{message}: {ended}" if message else ended
    return Instance(
        id=before.id,
        name=before.name,
        state=status.state,
        restart_count=before.restart_count,
        created_at=status.created_at / 1e9 or before.created_at,
        started_at=status.started_at / 1e9,
        finished_at=status.finished_at / 1e9 or (context.clock.now() if status.state == "exited" else 0.0),
        exit_code=status.exit_code,
        reason=status.reason,
        message=message,
        image=status.image,
        image_id=status.image_reference,
    )


def _termination_message(
    status: ContainerStatus, before: Instance, container: Mapping[str, Any], context: PodContext
) -> str:
    """Read what the container left, or the end of its log. Source: kuberuntime, getTerminationMessage."""
    log = context.directory / "containers" / before.name / str(before.restart_count)
    text = read_termination_log(log)
    fallback = container.get("terminationMessagePolicy") == "FallbackToLogsOnError"
    if text or not fallback or status.exit_code == 0:
        return text
    return tail_text(context.directory / "logs" / before.name / f"{before.restart_count}.log")
