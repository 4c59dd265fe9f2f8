"""procMount: which paths of /proc and /sys the process cannot read, and which it cannot write."""

import re
from functools import cache

from ..pattern import pattern
from .container_in_pod import ContainerInPod
from .value import Field, Origin

__all__ = [
    "default_masked",
    "default_readonly",
    "resolve_masked_paths",
    "resolve_proc_mount",
    "resolve_readonly_paths",
]

_MASKED = (
    "/proc/asound",
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
)
_READONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
"""Source: kubernetes pkg/securitycontext/util.go, in the order in which the kubelet sends them."""

_NEW_IN_31 = frozenset(("/proc/asound", "/proc/interrupts", "/sys/devices/virtual/powercap"))
_THROTTLE = pattern(r"/sys/devices/system/cpu/cpu[0-9]+/thermal_throttle\Z", re.ASCII)

_DEFAULT = Field("Default", Origin("kubernetes", (), "not set"))
_LISTED = Origin(
    "kubernetes", (), "the kubelet's list, and cpuN/thermal_throttle; paths that a node lacks do not count"
)


@cache
def default_masked(version: int) -> tuple[str, ...]:
    """Give the kubelet's masked list of a minor release; it grew in 1.34 and its patches back to 1.31."""
    return _MASKED if version >= 31 else tuple(path for path in _MASKED if path not in _NEW_IN_31)


@cache
def default_readonly(version: int) -> tuple[str, ...]:
    """Give the kubelet's read-only list of a minor release; before 1.31 /proc/asound stood here."""
    return _READONLY if version >= 31 else ("/proc/asound", *_READONLY)


def resolve_proc_mount(placed: ContainerInPod) -> Field[str]:
    """Take the container's procMount, else `Default`."""
    if placed.context.proc_mount is None:
        return _DEFAULT
    return Field(placed.context.proc_mount, placed.in_container("procMount"))


def resolve_masked_paths(placed: ContainerInPod) -> Field[tuple[str, ...]]:
    """List what is hidden; of a node whose paths are known, only what it has."""
    masked = default_masked(placed.setting.version)
    if placed.setting.node.paths is not None and placed.setting.version >= 31:
        masked += tuple(path for path in placed.setting.node.paths if _THROTTLE.match(path))
    return _listed(placed, masked)


def resolve_readonly_paths(placed: ContainerInPod) -> Field[tuple[str, ...]]:
    """List what is read-only; of a node whose paths are known, only what it has."""
    return _listed(placed, default_readonly(placed.setting.version))


def _listed(placed: ContainerInPod, paths: tuple[str, ...]) -> Field[tuple[str, ...]]:
    if placed.privileged:
        return Field((), placed.in_container("privileged", text="privileged: nothing is hidden or read-only"))
    if placed.context.proc_mount == "Unmasked":
        return Field((), placed.in_container("procMount"))
    if placed.setting.node.paths is None:
        return Field(paths, _LISTED)
    have = frozenset(placed.setting.node.paths)
    return Field(
        tuple(path for path in paths if path in have), Origin("kubernetes", (), "the kubelet's list")
    )
