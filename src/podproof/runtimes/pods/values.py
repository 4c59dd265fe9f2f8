"""What a pod's worker is told and what it tells: options in, snapshots out. Data only."""

from collections.abc import Callable, Mapping
from threading import Event
from typing import Any, Protocol

import msgspec

from ...effective.setting import Setting
from ...kubelet.cri import DNSConfig
from ...kubelet.events import PodEvent
from ...kubelet.security_contexts import SECCOMP_ROOT
from ...kubelet.service_variables import ServiceAddress
from ..engine import ContainerRequest, SandboxRequest
from .volumes.host_path import HostPaths

__all__ = ["Clock", "PodSnapshot", "RunOptions", "RunningContainer", "Spawn"]


class Clock(Protocol):
    """Tells and lets pass the time, in seconds since the epoch."""

    def now(self) -> float:
        """Give the seconds since the epoch."""

    def wait(self, event: Event, seconds: float) -> bool:
        """Return when the event is set (then True) or the time has passed."""


Spawn = Callable[[Callable[[], None]], None]
"""Runs a function beside the worker: in a thread, or at once in tests."""


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the node is and has.

    `setting` is what predictions are told of it, without images: those are known per pod. `time_scale`
    shortens back-offs (0.1: ten times shorter). `served` are images, by full names, that count as if a
    registry gave them: the policy Always finds them. `memory`, `storage` are bytes, `cpu` cores.
    `seccomp_root` is the folder of Localhost profiles. `dns` is the node's resolv.conf.
    `max_log` bounds a container's log in bytes. `cgroup_root` is the cgroup under which pods get theirs.
    `claims` is the folder of the claims' volumes, which pods of one run share. `host_paths` may be mounted,
    and images pulled from `registries` (HOST or HOST:PORT) wherever these are; None: the engine sees to that.
    `cluster_dns` is the address of the name server that knows the run's `services`, "" where none are played.
    """

    setting: Setting
    time_scale: float = 1.0
    host_paths: HostPaths = msgspec.field(default_factory=HostPaths)
    seccomp_root: str = SECCOMP_ROOT
    served: frozenset[str] = frozenset()
    registries: tuple[str, ...] | None = ()
    node_name: str = "podproof"
    host_ip: str = ""
    cpu: int = 1
    memory: int = 0
    storage: int = 0
    dns: DNSConfig = DNSConfig()
    max_log: int = 64 * 1024 * 1024
    cgroup_root: str = ""
    claims: str = ""
    cluster_dns: str = ""
    services: tuple[ServiceAddress, ...] = ()


class RunningContainer(msgspec.Struct, frozen=True):
    """A container that runs now, with what the engine was asked for. `pid`, the node's, may be untold."""

    id: str
    pid: int | None
    request: ContainerRequest
    sandbox_request: SandboxRequest
    sandbox_id: str


class PodSnapshot(msgspec.Struct, frozen=True):
    """A pod at one moment: the mapping with `.status` as `kubectl -o yaml` shows it, events, what runs.

    `started`: every container that has ever been started, with the request of its latest start; its `pid` is
    None when it does not run. `settled`: the worker waits for nothing but the passing of time, so that a look
    now shows where it stands. `finished`: nothing of the pod will run any more.
    """

    pod: dict[str, Any]
    events: tuple[PodEvent, ...] = ()
    running: Mapping[str, RunningContainer] = {}
    settled: bool = False
    finished: bool = False
    started: Mapping[str, RunningContainer] = {}
