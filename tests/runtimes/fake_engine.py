"""An engine without a kernel: the port's methods over plain values, on a clock that only waiting moves.

A container does what its Behaviour says: it ends by itself after some seconds, or when it is stopped. Nothing
is asked of the machine, so that the kubelet's rules can be held to exact times.
"""

import itertools
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from podproof.effective.image import ImageConfig
from podproof.kubelet.cri import AuthConfig
from podproof.runtimes.engine import (
    ContainerRequest,
    ContainerStatus,
    EngineError,
    ExecResult,
    Features,
    ImageRecord,
    SandboxRequest,
    SandboxStatus,
)


class FakeClock:
    """Time that passes only while somebody waits. `limit` ends a test that would wait for ever."""

    def __init__(self, start: float = 1_700_000_000.0, limit: float = 100_000) -> None:
        self.time = start
        self._end = start + limit
        self.at: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> float:
        return self.time

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if event.is_set():
            return True
        end = self.time + seconds
        for moment, action in sorted(self.at, key=lambda entry: entry[0]):
            if moment <= end:
                self.at = [entry for entry in self.at if entry[1] is not action]
                self.time = max(self.time, moment)
                action()
                if event.is_set():
                    return True
        self.time = end
        assert self.time < self._end, "the pod waits for ever"
        return event.is_set()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        self.at.append((self.time + seconds, action))


class Behaviour(msgspec.Struct, frozen=True):
    """What one attempt does: `ends` seconds after its start (None: never) with `code`; `stops` seconds after
    it is told to. `create` and `start` are errors instead. `message` goes into the termination log."""

    ends: float | None = None
    code: int = 0
    reason: str = ""
    stops: float = 0.0
    create: str = ""
    start: str = ""
    message: str = ""
    log: tuple[str, ...] = ()


class _Held:
    def __init__(self, id: str, request: ContainerRequest, of: SandboxRequest, behaviour: Behaviour) -> None:
        self.id, self.request, self.of, self.behaviour = id, request, of, behaviour
        self.state = "created"
        self.created = self.started = self.finished = 0.0
        self.code, self.reason, self.message = 0, "", ""
        self.end: float | None = None


class FakeEngine:
    """`behaviours` maps a container's name to what its attempts do, the last one for all that follow."""

    def __init__(self, clock: FakeClock, images: Mapping[str, ImageConfig], **behaviours: object) -> None:
        self.clock = clock
        self.calls: list[str] = []
        self.behaviours = behaviours
        self.answers: Callable[[str, tuple[str, ...]], ExecResult] = lambda _name, _command: ExecResult(
            b"", b"", 0
        )
        self.sandbox_errors: list[str] = []
        self.pulls: list[str | ImageRecord] = []
        self.features_ = Features("containerd", "1.6.20")
        self._images = {
            name: ImageRecord(name, f"sha256:{name}", None, config) for name, config in images.items()
        }
        self._ids = itertools.count(1)
        self._containers: dict[str, _Held] = {}
        self._sandboxes: dict[str, SandboxRequest] = {}
        self.stopped_sandboxes: set[str] = set()
        self.requests: list[ContainerRequest] = []

    def hurry(self, seconds: float) -> None:
        self.calls.append(f"hurry {seconds:g}")

    def end_pulls(self) -> None:
        pass

    def features(self) -> Features:
        return self.features_

    def images(self) -> tuple[ImageRecord, ...]:
        return tuple(self._images.values())

    def image(self, reference: str) -> ImageRecord | None:
        return self._images.get(reference)

    def import_archive(self, path: Path) -> tuple[str, ...]:
        raise EngineError("Unimplemented", "nothing to import")

    def pull(self, reference: str, credentials: AuthConfig | None = None) -> ImageRecord:
        self.calls.append(f"pull {reference} as {credentials.username if credentials else '-'}")
        answer = self.pulls.pop(0) if self.pulls else "not found"
        if isinstance(answer, str):
            raise EngineError("Unknown", answer)
        return answer

    def remove_image(self, reference: str) -> None:
        del self._images[reference]

    def run_sandbox(self, request: SandboxRequest) -> str:
        if self.sandbox_errors:
            raise EngineError("Unknown", self.sandbox_errors.pop(0))
        id = f"sandbox{next(self._ids)}"
        self._sandboxes[id] = request
        self.calls.append(f"sandbox {request.name}")
        return id

    def sandbox(self, id: str) -> SandboxStatus:
        if id not in self._sandboxes:
            raise EngineError("NotFound", f"no sandbox {id}")
        return SandboxStatus(id, id not in self.stopped_sandboxes, "10.0.0.7", 1, self._sandboxes[id].labels)

    def sandboxes(self, labels: Mapping[str, str] = {}) -> tuple[SandboxStatus, ...]:
        return tuple(self.sandbox(id) for id in self._sandboxes)

    def stop_sandbox(self, id: str) -> None:
        for held in self._containers.values():
            if held.state == "running":
                self._end(held, 137, "Error")
        self.stopped_sandboxes.add(id)

    def remove_sandbox(self, id: str) -> None:
        self._sandboxes.pop(id, None)
        self._containers.clear()
        self.calls.append("remove sandbox")

    def create_container(self, sandbox: str, request: ContainerRequest, of: SandboxRequest) -> str:
        listed = self.behaviours.get(request.name, (Behaviour(),))
        listed = listed if isinstance(listed, tuple) else (listed,)
        behaviour = listed[min(request.attempt, len(listed) - 1)]
        assert isinstance(behaviour, Behaviour)
        self.requests.append(request)
        if behaviour.create:
            raise EngineError("Unknown", behaviour.create)
        held = _Held(f"{request.name}{next(self._ids)}", request, of, behaviour)
        held.created = self.clock.now()
        self._containers[held.id] = held
        return held.id

    def start_container(self, id: str) -> None:
        held = self._containers[id]
        if held.behaviour.start:
            held.message = held.behaviour.start
            self._end(held, 128, "StartError")
            raise EngineError("Unknown", held.behaviour.start)
        self.calls.append(f"start {held.request.name}")
        held.state, held.started = "running", self.clock.now()
        path = Path(held.of.log_directory) / held.request.log_path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"2026-01-01T00:00:00Z stdout F {line}\n" for line in held.behaviour.log))
        if held.behaviour.ends is not None:
            held.end = held.started + held.behaviour.ends

    def container(self, id: str) -> ContainerStatus:
        held = self._containers.get(id)
        if held is None:
            raise EngineError("NotFound", f"no container {id}")
        if held.state == "running" and held.end is not None and self.clock.now() >= held.end:
            reason = held.behaviour.reason or ("Completed" if held.behaviour.code == 0 else "Error")
            self._end(held, held.behaviour.code, reason, held.end)
        return ContainerStatus(
            id,
            held.request.name,
            held.state,  # type: ignore[arg-type] # one of the port's words
            held.request.attempt,
            int(held.created * 1e9),
            int(held.started * 1e9),
            int(held.finished * 1e9),
            held.code,
            held.reason,
            held.message,
            held.request.image.removeprefix("sha256:"),
            held.request.image,
            4242 if held.state == "running" else None,
        )

    def containers(self, labels: Mapping[str, str] = {}) -> tuple[ContainerStatus, ...]:
        return tuple(self.container(id) for id in list(self._containers))

    def stop_container(self, id: str, timeout: int) -> None:
        held = self._containers[id]
        self.calls.append(f"stop {held.request.name} within {timeout}")
        if held.state != "running":
            return
        killed = held.behaviour.stops > timeout
        self.clock.time += min(held.behaviour.stops, timeout)
        self._end(held, 137 if killed else held.behaviour.code, "Error" if killed else "Completed")

    def remove_container(self, id: str) -> None:
        self._containers.pop(id, None)

    def exec(self, id: str, command: tuple[str, ...], timeout: float = 0) -> ExecResult:
        name = self._containers[id].request.name
        self.calls.append(f"exec {name} {' '.join(command)}")
        return self.answers(name, command)

    def close(self) -> None:
        return

    def _end(self, held: _Held, code: int, reason: str, at: float | None = None) -> None:
        held.state, held.code, held.reason = "exited", code, reason
        held.finished = self.clock.now() if at is None else at
        log = next(
            (m.host_path for m in held.request.mounts if m.container_path == "/dev/termination-log"), None
        )
        if log and held.behaviour.message:
            Path(log).write_text(held.behaviour.message)
