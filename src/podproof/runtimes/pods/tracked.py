"""One container of a pod over all its attempts: what the engine last said of each."""

from collections.abc import Mapping
from typing import Any

from ...kube.pod import Container
from ...kube.visit import ContainerKind, visit_containers
from ...kubelet.instance import Instance
from ...manifest.route import Route
from ..engine import ContainerRequest, ContainerStatus, Engine, EngineError
from .context import PodContext
from .files import read_termination_log
from .logs import tail_text

__all__ = ["Tracked", "track"]

_LIST_FIELDS = ("initContainers", "containers", "ephemeralContainers")

_GONE = "The container could not be located when the pod was terminated"


class Tracked:
    """A container. `waiting` is the reason and message of its last failed start, None after one that worked.

    `retry_at`: not before this moment is a failed start tried again. `killing`: the id that is being stopped.
    `announced`: the end whose back-off has been told.
    """

    def __init__(
        self, kind: ContainerKind, mapping: Mapping[str, Any], typed: Container, route: Route
    ) -> None:
        self.kind = kind
        self.mapping = mapping
        self.typed = typed
        self.route = route
        self.name = str(mapping.get("name"))
        self.attempts: list[Instance] = []
        self.requests: dict[str, ContainerRequest] = {}
        self.pids: dict[str, int | None] = {}
        self.waiting: tuple[str, str] | None = None
        self.retry_at = 0.0
        self.killing = ""
        self.announced = 0.0

    @property
    def latest(self) -> Instance | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def last(self) -> Instance | None:
        """Give the attempt before the latest."""
        return self.attempts[-2] if len(self.attempts) > 1 else None

    @property
    def running(self) -> bool:
        return self.latest is not None and self.latest.state == "running"

    @property
    def field_path(self) -> str:
        return f"spec.{self.route[1]}{{{self.name}}}"

    def created(self, id: str, request: ContainerRequest, now: float) -> None:
        """Begin a new attempt."""
        self.requests[id] = request
        self.attempts.append(Instance(id, self.name, "created", request.attempt, created_at=now))

    def refresh(self, context: PodContext) -> bool:
        """Ask the engine about the latest attempt; True when its state has changed."""
        held = self.latest
        if held is None or held.state == "exited":
            return False
        try:
            status = context.engine.container(held.id)
        except EngineError as error:
            if error.code != "NotFound":
                raise
            status = ContainerStatus(
                held.id, self.name, "exited", exit_code=137, reason="ContainerStatusUnknown", message=_GONE
            )
        found = _instance(status, held, self.mapping, context)
        self.pids[held.id] = status.pid
        self.attempts[-1] = found
        return found.state != held.state

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
    found: dict[str, Tracked] = {}
    for kind, typed, route in visit_containers(context.typed):
        field, index = str(route[1]), int(route[2])
        assert field in _LIST_FIELDS
        tracked = Tracked(kind, context.spec[field][index], typed, route)
        found[tracked.name] = tracked
    return found


def _instance(
    status: ContainerStatus, held: Instance, container: Mapping[str, Any], context: PodContext
) -> Instance:
    message = status.message
    if status.state == "exited":
        ended = _termination_message(status, held, container, context)
        if ended:
            message = f"{message}: {ended}" if message else ended
    return Instance(
        id=held.id,
        name=held.name,
        state=status.state,
        restart_count=held.restart_count,
        created_at=status.created_at / 1e9 or held.created_at,
        started_at=status.started_at / 1e9,
        finished_at=status.finished_at / 1e9 or (context.clock.now() if status.state == "exited" else 0.0),
        exit_code=status.exit_code,
        reason=status.reason,
        message=message,
        image=status.image,
        image_id=status.image_reference,
    )


def _termination_message(
    status: ContainerStatus, held: Instance, container: Mapping[str, Any], context: PodContext
) -> str:
    """Read what the container left, or the end of its log. Source: kuberuntime, getTerminationMessage."""
    log = context.directory / "containers" / held.name / str(held.restart_count)
    text = read_termination_log(log)
    fallback = container.get("terminationMessagePolicy") == "FallbackToLogsOnError"
    if text or not fallback or status.exit_code == 0:
        return text
    return tail_text(context.directory / "logs" / held.name / f"{held.restart_count}.log")
