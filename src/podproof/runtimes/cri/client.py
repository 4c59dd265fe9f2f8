"""An engine at a socket: the port's methods, each one call of the container runtime interface.

Values of the port come in and go out. It never starts a runtime, and never retries what a runtime refused.
"""

import math
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

# Read when grpc is imported: its lines on standard error are not for users, and its fork handlers are not
# needed by a process that only starts others through exec.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

from ...errors import StateError, UsageError

try:
    import grpc
    from google.protobuf.message import Message
except ImportError as error:
    raise StateError(f"running pods needs more packages, pip install 'podproof[run]': {error}") from error

from ...kubelet.cri import AuthConfig
from ..engine import (
    ContainerRequest,
    ContainerStatus,
    EngineError,
    ExecResult,
    Features,
    ImageRecord,
    NoEngine,
    SandboxRequest,
    SandboxStatus,
)
from . import answers, messages
from . import cri_pb2 as pb
from .archives import import_into_containerd
from .streaming import ExecConnection

__all__ = ["CriEngine"]

_Answer = TypeVar("_Answer", bound=Message)

_OPTIONS = [
    # The socket's path is not a host name, and Go's servers refuse it as one.
    ("grpc.default_authority", "localhost"),
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # Two engines at one address after each other must not share a connection that one of them closed.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
]

_CODES = {"OK": "OK", "CANCELLED": "Canceled"}
"""Go's names where they are not gRPC's in camel case. Source: grpc-go codes/code_string.go."""

SHORT = 120.0
"""Seconds that a call without a limit of its own may take before the runtime counts as stuck."""

_PATIENCE = -1.0
"""Stands for the patience of the engine, as the limit of a call."""


class CriEngine:
    """The engine at `endpoint`, a `unix:///` address or a path. `snapshotter`: where imported archives go.

    Connects with the first call. `patience` is how many seconds a call without a limit of its own may take.
    Raises UsageError: an endpoint of another kind.
    """

    def __init__(self, endpoint: str, *, snapshotter: str = "overlayfs", patience: float = SHORT) -> None:
        path = endpoint.removeprefix("unix://")
        if not path.startswith("/"):
            raise UsageError(f"runtime endpoint {endpoint!r} must be unix:///PATH of a socket")
        self.endpoint = f"unix://{path}"
        self._socket = Path(path)
        self._snapshotter = snapshotter
        self._patience = patience
        self._hurried: float | None = None
        self._connecting = threading.Lock()
        self._closed = False
        self._channel = self._connect()

    def hurry(self, seconds: float) -> None:
        """Let no call, not even one that is under way, take longer than so many seconds from now on."""
        self._hurried = seconds
        # a call that waits in another thread ends with its channel only
        timer = threading.Timer(seconds, self._reconnect)
        timer.daemon = True
        timer.start()

    def _reconnect(self) -> None:
        with self._connecting:
            old = self._channel
            if not self._closed:
                self._channel = self._connect()
        old.close()

    def _connect(self) -> grpc.Channel:
        return grpc.insecure_channel(f"unix:{self._socket}", options=_OPTIONS)

    def features(self) -> Features:
        """Ask for the runtime's name and version, and what it supports."""
        version = self._runtime("Version", pb.VersionRequest(version="v1"), pb.VersionResponse)
        status = self._runtime("Status", pb.StatusRequest(), pb.StatusResponse)
        return answers.features(version, status)

    def images(self) -> tuple[ImageRecord, ...]:
        """List the images, an entry for each of their names."""
        listed = self._image("ListImages", pb.ListImagesRequest(), pb.ListImagesResponse)
        return tuple(
            record
            for image in listed.images
            if (status := self._image_status(image.id)) is not None
            for record in answers.image_records(status)
        )

    def image(self, reference: str) -> ImageRecord | None:
        """Give the image of a reference. The interface does not tell passwd and group: they stay unknown."""
        status = self._image_status(reference)
        return None if status is None else answers.image_records(status, reference)[0]

    def import_archive(self, path: Path) -> tuple[str, ...]:
        """Import through containerd's own interface, as the container runtime interface has no import."""
        features = self.features()
        if features.name != "containerd":
            raise NoEngine("Unimplemented", f"{features.name} {features.version} imports no archives")
        names = import_into_containerd(path, self._socket, snapshotter=self._snapshotter)
        self._await_images(names)
        return names

    def pull(self, reference: str, credentials: AuthConfig | None = None) -> ImageRecord:
        """Pull an image, without a limit of time; registries are slow."""
        request = pb.PullImageRequest(
            image=pb.ImageSpec(image=reference), auth=messages.auth_config(credentials)
        )
        pulled = self._image("PullImage", request, pb.PullImageResponse, timeout=None)
        image = self.image(reference) or self.image(pulled.image_ref)
        if image is None:
            raise EngineError("NotFound", f"image {reference} was pulled and is gone")
        return image

    def end_pulls(self) -> None:
        """Do nothing: the interface cannot end a pull that is under way."""

    def remove_image(self, reference: str) -> None:
        """Remove an image by its reference or id."""
        request = pb.RemoveImageRequest(image=pb.ImageSpec(image=reference))
        self._image("RemoveImage", request, pb.RemoveImageResponse)

    def run_sandbox(self, request: SandboxRequest) -> str:
        """Create and start a sandbox with its network; returns its id."""
        message = pb.RunPodSandboxRequest(
            config=messages.sandbox_config(request), runtime_handler=request.runtime_handler
        )
        return self._runtime("RunPodSandbox", message, pb.RunPodSandboxResponse).pod_sandbox_id

    def sandbox(self, id: str) -> SandboxStatus:
        """Give a sandbox's status, with its address and pid."""
        request = pb.PodSandboxStatusRequest(pod_sandbox_id=id, verbose=True)
        return answers.sandbox_status(self._runtime("PodSandboxStatus", request, pb.PodSandboxStatusResponse))

    def sandboxes(self, labels: Mapping[str, str] = {}) -> tuple[SandboxStatus, ...]:
        """List the sandboxes with all of `labels`; a list has neither addresses nor pids."""
        request = pb.ListPodSandboxRequest(filter=pb.PodSandboxFilter(label_selector=labels))
        listed = self._runtime("ListPodSandbox", request, pb.ListPodSandboxResponse)
        return tuple(answers.sandbox_item(item) for item in listed.items)

    def stop_sandbox(self, id: str) -> None:
        """Stop a sandbox and take down its network; may be repeated."""
        request = pb.StopPodSandboxRequest(pod_sandbox_id=id)
        self._runtime("StopPodSandbox", request, pb.StopPodSandboxResponse)

    def remove_sandbox(self, id: str) -> None:
        """Remove a sandbox with its containers; may be repeated."""
        request = pb.RemovePodSandboxRequest(pod_sandbox_id=id)
        self._runtime("RemovePodSandbox", request, pb.RemovePodSandboxResponse)

    def create_container(self, sandbox: str, request: ContainerRequest, of: SandboxRequest) -> str:
        """Create a container in a sandbox, which was made from `of`; returns its id."""
        message = pb.CreateContainerRequest(
            pod_sandbox_id=sandbox,
            config=messages.container_config(request),
            sandbox_config=messages.sandbox_config(of),
        )
        return self._runtime("CreateContainer", message, pb.CreateContainerResponse).container_id

    def start_container(self, id: str) -> None:
        """Start a container that was created."""
        request = pb.StartContainerRequest(container_id=id)
        self._runtime("StartContainer", request, pb.StartContainerResponse)

    def container(self, id: str) -> ContainerStatus:
        """Give a container's status, with its pid while it runs."""
        request = pb.ContainerStatusRequest(container_id=id, verbose=True)
        return answers.container_status(self._runtime("ContainerStatus", request, pb.ContainerStatusResponse))

    def containers(self, labels: Mapping[str, str] = {}) -> tuple[ContainerStatus, ...]:
        """List the containers with all of `labels`, leaving out those removed meanwhile."""
        request = pb.ListContainersRequest(filter=pb.ContainerFilter(label_selector=labels))
        listed = self._runtime("ListContainers", request, pb.ListContainersResponse)
        statuses = []
        for item in listed.containers:
            try:
                statuses.append(self.container(item.id))
            except EngineError as error:
                if error.code != "NotFound":  # removed between the two calls
                    raise
        return tuple(statuses)

    def label_values(self, label: str) -> set[str]:
        """Give the values that a label has among the sandboxes and containers, in two calls however many."""
        sandboxes = self._runtime("ListPodSandbox", pb.ListPodSandboxRequest(), pb.ListPodSandboxResponse)
        containers = self._runtime("ListContainers", pb.ListContainersRequest(), pb.ListContainersResponse)
        labels = [item.labels for item in sandboxes.items] + [item.labels for item in containers.containers]
        return {one[label] for one in labels if label in one}

    def stop_container(self, id: str, timeout: int) -> None:
        """Send the stop signal, and SIGKILL after `timeout` seconds."""
        request = pb.StopContainerRequest(container_id=id, timeout=timeout)
        self._runtime("StopContainer", request, pb.StopContainerResponse, timeout=timeout + SHORT)

    def remove_container(self, id: str) -> None:
        """Remove a container; may be repeated."""
        request = pb.RemoveContainerRequest(container_id=id)
        self._runtime("RemoveContainer", request, pb.RemoveContainerResponse)

    def exec(self, id: str, command: tuple[str, ...], timeout: float = 0) -> ExecResult:
        """Run a command and wait for it. The interface counts whole seconds: a part of one is rounded up."""
        seconds = math.ceil(timeout)
        request = pb.ExecSyncRequest(container_id=id, cmd=command, timeout=seconds)
        limit = seconds + SHORT if seconds else None
        result = self._runtime("ExecSync", request, pb.ExecSyncResponse, timeout=limit)
        return ExecResult(stdout=result.stdout, stderr=result.stderr, exit_code=result.exit_code)

    def exec_connection(
        self, id: str, command: tuple[str, ...], *, stdin: bool = False, tty: bool = False
    ) -> ExecConnection:
        """Run a command and give its streams; with `tty` it has a terminal, and no standard error."""
        request = pb.ExecRequest(
            container_id=id, cmd=command, tty=tty, stdin=stdin, stdout=True, stderr=not tty
        )
        url = self._runtime("Exec", request, pb.ExecResponse).url
        return ExecConnection(url, stdin=stdin, tty=tty)

    def close(self) -> None:
        """Close the connection; the engine goes on running."""
        with self._connecting:
            self._closed = True
        self._channel.close()

    def _image_status(self, reference: str) -> pb.ImageStatusResponse | None:
        request = pb.ImageStatusRequest(image=pb.ImageSpec(image=reference), verbose=True)
        status = self._image("ImageStatus", request, pb.ImageStatusResponse)
        return status if status.HasField("image") else None

    def _await_images(self, names: tuple[str, ...]) -> None:
        """Wait until the interface knows what was imported beside it: containerd tells itself by an event."""

        limit = time.monotonic() + 10
        for name in names:
            while self._image_status(name) is None:
                if time.monotonic() > limit:
                    raise EngineError(
                        "NotFound", f"image {name} was imported and the runtime does not list it"
                    )
                time.sleep(0.01)

    def _runtime(
        self, method: str, request: Message, answer: type[_Answer], timeout: float | None = _PATIENCE
    ) -> _Answer:
        return self._call(f"/runtime.v1.RuntimeService/{method}", request, answer, timeout)

    def _image(
        self, method: str, request: Message, answer: type[_Answer], timeout: float | None = _PATIENCE
    ) -> _Answer:
        return self._call(f"/runtime.v1.ImageService/{method}", request, answer, timeout)

    def _call(self, method: str, request: Message, answer: type[_Answer], timeout: float | None) -> _Answer:
        call: Any = self._channel.unary_unary(
            method,
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        limit = self._patience if timeout == _PATIENCE else timeout
        if self._hurried is not None:
            limit = self._hurried if limit is None else min(limit, self._hurried)
        try:
            result = call(request, timeout=limit)
        except grpc.RpcError as error:
            raise self._failure(error) from None
        except ValueError as error:  # grpc's word for a channel that was closed
            raise EngineError("Canceled", str(error)) from None
        assert isinstance(result, answer)
        return result

    def _failure(self, error: Any) -> EngineError:
        name = str(error.code().name)
        code = _CODES.get(name, "".join(part.capitalize() for part in name.split("_")))
        detail = str(error.details() or "")
        if code == "Canceled" and self._hurried is not None:
            return EngineError("DeadlineExceeded", f"the runtime did not answer within {self._hurried:g} s")
        if code == "Unavailable":
            return NoEngine(code, f"no runtime answers at {self.endpoint}: {_why(detail)}")
        if code == "Unimplemented":
            return NoEngine(code, f"what listens at {self.endpoint} does not speak runtime.v1: {detail}")
        return EngineError(code, detail)


def _why(detail: str) -> str:
    """Shorten gRPC's account of a failed connection to what the system said."""
    for word in ("No such file or directory", "Connection refused", "Permission denied", "Connection reset"):
        if word.lower() in detail.lower():
            return word[0].lower() + word[1:]
    return detail or "the connection broke"
