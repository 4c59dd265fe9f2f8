"""Starts one container: its image, the kubelet's checks, the request, the hook after the start.

Source: kubernetes pkg/kubelet/kuberuntime/kuberuntime_container.go, startContainer.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from ...kubelet.container_start import profile_name_problem
from ...kubelet.environment import ConfigProblem, environment
from ...kubelet.non_root import NonRootViolation, verify_run_as_non_root
from ...kubelet.pulls import PullEvent, Waiting
from ...kubelet.restarts import BackOff, back_off_event, back_off_message
from ...kubelet.service_variables import service_variables
from ..engine import ContainerRequest, EngineError, ImageRecord, Mount
from .context import PodContext
from .files import make_termination_log
from .hooks import run_hook
from .image_pulls import ImagePulls
from .mounts import volume_mounts
from .requests import container_request
from .sandbox import SandboxManager
from .stopper import Stopper
from .tracked import Tracked
from .volumes import Volumes

__all__ = ["Starter"]


class Starter:
    """Starts the containers of one pod, one at a time."""

    def __init__(
        self, context: PodContext, sandbox: SandboxManager, volumes: Volumes, stopper: Stopper
    ) -> None:
        self._context = context
        self._sandbox = sandbox
        self._volumes = volumes
        self._stopper = stopper
        self._back_off = BackOff(context.options.time_scale)
        self._pulls = ImagePulls(
            context.pod,
            engine=context.engine,
            objects=context.objects,
            options=context.options,
            clock=context.clock,
        )

    def start(self, tracked: Tracked, containers: Mapping[str, Tracked]) -> bool:
        """Try to start a container; False when it is not yet time to. What fails is kept as its `waiting`."""
        now = self._context.clock.now()
        target = self._target(tracked, containers)
        if target is None or self._holds(tracked, now) or now < tracked.retry_at:
            return False
        latest = tracked.latest
        if latest is not None and latest.state == "exited":
            self._back_off.advance(tracked.name, latest.finished_at, now)

        def record_event(event: PullEvent) -> None:
            self._context.record_event(event.type, event.reason, event.message, tracked.field_path)

        image = self._pulls.ensure(tracked.container, record_event)
        if isinstance(image, Waiting):
            self._wait(tracked, image.reason, image.message)
            if image.reason not in ("ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"):
                # The status has changed, so the kubelet looks again at once and says that it backs off.
                tracked.retry_at = self._context.clock.now() + self._context.retry_delay / 10
            return True
        try:
            request = self._request(tracked, image, target)
        except ConfigProblem as problem:
            self._fail(tracked, "CreateContainerConfigError", str(problem))
            return True
        self._create(tracked, request)
        return True

    def _target(self, tracked: Tracked, containers: Mapping[str, Tracked]) -> str | None:
        """Give the id of an ephemeral container's target, "" for none, None while it does not run."""
        if tracked.kind != "ephemeral":
            return ""
        name = tracked.container.get("targetContainerName")
        if not name:
            return "" if any(other.running for other in containers.values()) else None
        target = containers.get(name)
        return target.latest.id if target is not None and target.latest and target.running else None

    def _holds(self, tracked: Tracked, now: float) -> bool:
        latest = tracked.latest
        if latest is None or latest.state != "exited":
            return False
        if not self._back_off.holds(tracked.name, latest.finished_at, now):
            return False
        wait = self._back_off.wait(tracked.name)
        message = back_off_message(wait, tracked.name, self._context.full_name)
        tracked.waiting = ("CrashLoopBackOff", message)
        if now - tracked.announced >= self._context.retry_delay or tracked.announced < latest.finished_at:
            tracked.announced = now
            self._context.record_event(
                "Warning",
                "BackOff",
                back_off_event(tracked.name, self._context.full_name),
                tracked.field_path,
            )
        return True

    def _request(self, tracked: Tracked, image: ImageRecord, target: str) -> ContainerRequest:
        """Build the request. Raises ConfigProblem, in the order in which the kubelet finds problems."""
        context = self._context
        services = service_variables(context.pod, context.options.services)
        variables = environment(tracked.container, context.pod, context.objects, context.downward, services)
        mounts = volume_mounts(
            tracked.container,
            self._volumes,
            variables,
            folder=context.directory / "volume-subpaths",
            recursive_read_only=context.features.recursive_read_only,
        )
        placed = replace(tracked.placed, image=image.config)
        violation = verify_run_as_non_root(placed)
        if isinstance(violation, NonRootViolation):
            raise ConfigProblem(violation.message)
        problem = profile_name_problem(placed)
        if problem is not None:
            raise ConfigProblem(problem)
        attempt = tracked.latest.restart_count + 1 if tracked.latest is not None else 0
        (context.directory / "logs" / tracked.name).mkdir(parents=True, exist_ok=True)
        return container_request(
            tracked.container,
            placed,
            context.pod,
            context.options,
            image=image.id or image.reference,
            attempt=attempt,
            variables=variables,
            mounts=[*mounts, *self._own_files(tracked, mounts, attempt)],
            session=context.session,
            user_range=context.user_range,
            target=target,
        )

    def _own_files(self, tracked: Tracked, mounts: list[Mount], attempt: int) -> list[Mount]:
        """Add /etc/hosts, unless the container mounts its own, and the termination log."""
        own = []
        if not any(mount.container_path == "/etc/hosts" for mount in mounts):
            own.append(Mount("/etc/hosts", str(self._context.directory / "etc-hosts")))
        path = tracked.container.get("terminationMessagePath")
        if path:
            log = self._context.directory / "containers" / tracked.name / str(attempt)
            make_termination_log(log)
            own.append(Mount(path if path.startswith("/") else f"/{path}", str(log)))
        return own

    def _create(self, tracked: Tracked, request: ContainerRequest) -> None:
        context, sandbox = self._context, self._sandbox
        assert sandbox.request is not None
        try:
            id = context.engine.create_container(sandbox.id, request, sandbox.request)
        except EngineError as error:
            if error.code == "Unavailable":
                raise
            self._fail(tracked, "CreateContainerError", error.detail)
            return
        tracked.created(id, request, context.clock.now())
        context.record_event("Normal", "Created", "Container created", tracked.field_path)
        try:
            context.engine.start_container(id)
        except EngineError as error:
            if error.code == "Unavailable":
                raise
            self._fail(tracked, "RunContainerError", error.detail)
            tracked.retry_at = 0.0  # from here on it is a container that has ended, and its back-off counts
            tracked.refresh(context)
            return
        context.record_event("Normal", "Started", "Container started", tracked.field_path)
        tracked.waiting = None
        tracked.refresh(context)
        tracked.forget_old(context.engine)
        self._post_start(tracked, id)

    def _post_start(self, tracked: Tracked, id: str) -> None:
        message = run_hook(self._context, tracked, "PostStart", id=id)
        if message is None:
            return
        self._stopper.kill(tracked, "FailedPostStartHook", "FailedPostStartHook")
        tracked.waiting = ("PostStartHookError", message)

    def _fail(self, tracked: Tracked, reason: str, message: str) -> None:
        self._context.record_event("Warning", "Failed", f"Error: {message}", tracked.field_path)
        self._wait(tracked, reason, message)

    def _wait(self, tracked: Tracked, reason: str, message: str) -> None:
        tracked.waiting = (reason, message)
        tracked.retry_at = self._context.clock.now() + self._context.retry_delay
