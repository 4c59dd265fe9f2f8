"""The port: what every container engine takes and gives, in the CRI's words; values only, nothing here acts.

Requests come in as typed values, statuses go out. An engine decides nothing about pods: it does what the
kubelet's rules (the room `kubelet`) ask for, and says what went wrong in its own words.
Source: k8s.io/cri-api runtime/v1, api.proto.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from ..effective.image import ImageConfig
from ..errors import PodproofError
from ..kubelet.cri import (
    AuthConfig,
    DNSConfig,
    LinuxContainerResources,
    LinuxContainerSecurityContext,
    LinuxSandboxSecurityContext,
)
from ..kubelet.instance import ContainerState

__all__ = [
    "ContainerRequest",
    "ContainerStatus",
    "Device",
    "Engine",
    "EngineError",
    "ExecResult",
    "Features",
    "ImageRecord",
    "Mount",
    "NoEngine",
    "SandboxRequest",
    "SandboxStatus",
]


class EngineError(PodproofError):
    """The engine refused or failed.

    `code` is gRPC's name of the status (`Unknown`, `NotFound`, ...), `detail` the engine's own words; the
    text is as Go prints it: `rpc error: code = Unknown desc = ...`.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"rpc error: code = {code} desc = {detail}")
        self.code = code
        self.detail = detail


class NoEngine(EngineError):
    """Says that no engine answers, or none of the kind that is needed; the text is ours and stands alone."""

    def __str__(self) -> str:
        return self.detail


class Features(msgspec.Struct, frozen=True):
    """What an engine is and can do. `network` None: pods get a network; else why they have loopback alone."""

    name: str
    version: str
    user_namespaces: bool = False
    strict_groups: bool = False
    recursive_read_only: bool = False
    network: str | None = None

    @property
    def runtime(self) -> str:
        """Name the runtime profile, as `--runtime` takes it: `containerd-1.6.20`."""
        return f"{self.name}-{self.version}"


class ImageRecord(msgspec.Struct, frozen=True):
    """An image that the engine has. `id` is its configuration's digest, `digest` the manifest's if known."""

    reference: str
    id: str
    digest: str | None
    config: ImageConfig
    size: int = 0
    architecture: str | None = None


class Mount(msgspec.Struct, frozen=True):
    """A bind mount. `propagation`: PRIVATE, HOST_TO_CONTAINER or BIDIRECTIONAL."""

    container_path: str
    host_path: str
    read_only: bool = False
    recursive_read_only: bool = False
    propagation: Literal["PRIVATE", "HOST_TO_CONTAINER", "BIDIRECTIONAL"] = "PRIVATE"
    selinux_relabel: bool = False


class Device(msgspec.Struct, frozen=True):
    """A device of the node; `permissions` out of r, w, m."""

    container_path: str
    host_path: str
    permissions: str = "rwm"


class SandboxRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A pod's sandbox. An empty `dns` is the node's own; `cgroup_parent` is an absolute cgroup path."""

    name: str
    namespace: str
    uid: str
    attempt: int = 0
    hostname: str = ""
    log_directory: str = ""
    dns: DNSConfig = DNSConfig()
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    cgroup_parent: str = ""
    sysctls: Mapping[str, str] = {}
    security: LinuxSandboxSecurityContext = LinuxSandboxSecurityContext()
    runtime_handler: str = ""


class ContainerRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A container of a sandbox.

    `image` is a reference or id that the engine has, `written_image` the reference in the pod, by which a
    runtime finds its policy for signatures. `log_path` is relative to the sandbox's log directory.
    """

    name: str
    image: str
    written_image: str = ""
    attempt: int = 0
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_directory: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    mounts: tuple[Mount, ...] = ()
    devices: tuple[Device, ...] = ()
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    log_path: str = ""
    stdin: bool = False
    tty: bool = False
    security: LinuxContainerSecurityContext = LinuxContainerSecurityContext()
    resources: LinuxContainerResources = LinuxContainerResources()


class SandboxStatus(msgspec.Struct, frozen=True):
    """A sandbox. `ip` "" while it has none or on the node's network; `pid` of its pause process if told."""

    id: str
    ready: bool
    ip: str = ""
    pid: int | None = None
    labels: Mapping[str, str] = {}


class ContainerStatus(msgspec.Struct, frozen=True):
    """A container.

    Times are nanoseconds since the epoch, 0 for never. `pid` is the node's, None when the engine does not
    tell or the process is gone. `reason` (`OOMKilled`, ...) and `message` are the engine's.
    """

    id: str
    name: str
    state: ContainerState
    attempt: int = 0
    created_at: int = 0
    started_at: int = 0
    finished_at: int = 0
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    image: str = ""
    image_reference: str = ""
    pid: int | None = None
    sandbox_id: str = ""
    labels: Mapping[str, str] = {}


class ExecResult(msgspec.Struct, frozen=True):
    """What a command in a container printed, and its exit code."""

    stdout: bytes
    stderr: bytes
    exit_code: int


class Engine(Protocol):
    """One container engine. Every method may raise EngineError; all may be called from several threads."""

    def hurry(self, seconds: float) -> None:
        """Let no call, not even one that is under way, take longer than so many seconds from now on."""

    def features(self) -> Features:
        """Give the engine's name and version, and what it supports."""

    def images(self) -> tuple[ImageRecord, ...]:
        """List the images, an entry for each of their names."""

    def image(self, reference: str) -> ImageRecord | None:
        """Give the image of a reference (normalised as the engine does), passwd and group when known."""

    def import_archive(self, path: Path) -> tuple[str, ...]:
        """Import an OCI layout (tar or folder) or `docker save` archive; the references it brought."""

    def pull(self, reference: str, credentials: AuthConfig | None = None) -> ImageRecord:
        """Pull an image from its registry; `credentials` None pulls without a login."""

    def end_pulls(self) -> None:
        """Let the pulls under way end, where the engine can do that, and no other begin."""

    def remove_image(self, reference: str) -> None:
        """Remove an image by its reference or id."""

    def run_sandbox(self, request: SandboxRequest) -> str:
        """Create and start a pod's sandbox; returns its id."""

    def sandbox(self, id: str) -> SandboxStatus:
        """Give a sandbox's status."""

    def sandboxes(self, labels: Mapping[str, str] = {}) -> tuple[SandboxStatus, ...]:
        """List the sandboxes that have all of `labels`; none given: every one."""

    def stop_sandbox(self, id: str) -> None:
        """Stop a sandbox and its containers; may be repeated."""

    def remove_sandbox(self, id: str) -> None:
        """Remove a sandbox and its containers; may be repeated."""

    def create_container(self, sandbox: str, request: ContainerRequest, of: SandboxRequest) -> str:
        """Create a container in a sandbox, which was made from `of`; returns its id."""

    def start_container(self, id: str) -> None:
        """Start a container that was created."""

    def container(self, id: str) -> ContainerStatus:
        """Give a container's status."""

    def containers(self, labels: Mapping[str, str] = {}) -> tuple[ContainerStatus, ...]:
        """List the containers that have all of `labels`; none given: every one."""

    def stop_container(self, id: str, timeout: int) -> None:
        """Send the stop signal, and SIGKILL after `timeout` seconds."""

    def remove_container(self, id: str) -> None:
        """Remove a container; may be repeated."""

    def exec(self, id: str, command: tuple[str, ...], timeout: float = 0) -> ExecResult:
        """Run a command in a container; `timeout` in seconds, 0 for none. DeadlineExceeded when it passes."""

    def close(self) -> None:
        """Let go of the engine; an engine that was started for this process may end."""
