"""The pod's sandbox: made once, made again when it has gone, stopped and removed at the end."""

from ...kubelet.conditions import SandboxState
from ...kubelet.host_names import LongHostName
from ..engine import EngineError, SandboxRequest
from .context import PodContext
from .files import write_hosts
from .requests import sandbox_request

__all__ = ["SandboxManager"]

_NO_USERS = "can't set `spec.hostUsers: false`, runtime does not support user namespaces"


class SandboxManager:
    """At most one sandbox at a time. `id` is "" while there is none."""

    def __init__(self, context: PodContext, handler: str) -> None:
        self._context = context
        self._handler = handler
        self._attempt = 0
        self._retry_at = 0.0
        self.id = ""
        self.request: SandboxRequest | None = None
        self.state: SandboxState = "none"

    def ensure(self, now: float) -> bool:
        """Make the sandbox if there is none; False while there is none."""
        if self.id:
            return True
        if now < self._retry_at:
            return False
        context = self._context
        logs = context.directory / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        try:
            if context.spec.get("hostUsers") is False and not context.features.user_namespaces:
                raise _NotAsked(_NO_USERS)
            request = sandbox_request(
                context.pod,
                context.options,
                attempt=self._attempt,
                session=context.session,
                log_directory=str(logs),
                handler=self._handler,
                user_range=context.user_range,
            )
            self.id = context.engine.run_sandbox(request)
            status = context.engine.sandbox(self.id)
        except (_NotAsked, LongHostName, EngineError) as error:
            if isinstance(error, EngineError) and error.code == "Unavailable":
                raise
            self.remove()
            self._retry_at = now + context.retry_delay
            context.record_event(
                "Warning", "FailedCreatePodSandBox", f"Failed to create pod sandbox: {error}"
            )
            return False
        self.request = request
        self._attempt += 1
        self.state = "ready"
        context.address, context.sandbox_pid = status.ip, status.pid
        write_hosts(
            context.directory / "etc-hosts", context.pod, status.ip, host_network=context.host_network
        )
        return True

    def is_gone(self) -> bool:
        """Tell whether the sandbox that was made no longer runs, with its event."""
        if not self.id:
            return False
        try:
            if self._context.engine.sandbox(self.id).ready:
                return False
        except EngineError as error:
            if error.code != "NotFound":
                raise
        message = "Pod sandbox changed, it will be killed and re-created."
        self._context.record_event("Normal", "SandboxChanged", message)
        return True

    def stop(self) -> None:
        """Stop it; the pod's network ends."""
        if self.id and self.state == "ready":
            _gently(self._context.engine.stop_sandbox, self.id)
            self.state = "not ready"

    def remove(self) -> None:
        """Remove it with all its containers."""
        if self.id:
            _gently(self._context.engine.stop_sandbox, self.id)
            _gently(self._context.engine.remove_sandbox, self.id)
            self.id = ""
            self.state = "not ready"


class _NotAsked(Exception):
    """The kubelet itself does not ask the runtime."""


def _gently(step: "object", id: str) -> None:
    """Do a step of cleaning up; one that fails is left to the session's own reaping."""
    assert callable(step)
    try:
        step(id)
    except EngineError:
        return
