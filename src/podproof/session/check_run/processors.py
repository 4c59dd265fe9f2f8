"""How many processors this process may use: affinity and the quota of its control groups come in."""

import os
import sys

__all__ = ["count_processors", "may_fork"]

_MOST = 8
"""Workers that are started unless somebody asks for more: each needs some 40 MiB."""

_ROOT = "/sys/fs/cgroup"


def count_processors(root: str = _ROOT, membership: str = "/proc/self/cgroup") -> int:
    """Count the processors that may be used, at most 8; a quota of 1.5 is two, as in Go's runtime."""
    quota = _quota(root, membership)
    count = min(_affinity(), _MOST)
    return count if quota is None else max(1, min(count, -int(-quota // 1)))


def may_fork() -> bool:
    """Say whether this process may be copied: on Linux, and while it has no other thread.

    A copy has only the thread that made it, and the locks that others held stay locked; macOS' own libraries
    start threads.
    """
    if sys.platform != "linux":
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quota(root: str, membership: str) -> float | None:
    """Give the least quota, in processors, of the control group and those around it; None: there is none.

    Source: Linux Documentation/admin-guide/cgroup-v2.rst, cpu.max; scheduler/sched-bwc.rst for version 1.
    """
    quotas = []
    for hierarchy, path in _groups(membership):
        base = root if not hierarchy else os.path.join(root, hierarchy)
        while True:
            folder = os.path.join(base, path.lstrip("/"))
            quota = _read_quota(folder, version_1=bool(hierarchy))
            if quota is not None:
                quotas.append(quota)
            if path in ("", "/"):
                break
            path = os.path.dirname(path)
    return min(quotas, default=None)


def _groups(membership: str) -> list[tuple[str, str]]:
    """Give the hierarchies that limit processors ("" for version 2), and the group in each."""
    groups = []
    for line in _read(membership).splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            groups.append(("", path))
        elif "cpu" in controllers.split(","):
            groups.append((controllers, path))
    return groups


def _read_quota(folder: str, *, version_1: bool) -> float | None:
    if version_1:
        words = [_read(os.path.join(folder, f"cpu.cfs_{name}_us")).strip() for name in ("quota", "period")]
    else:
        words = _read(os.path.join(folder, "cpu.max")).split()
    try:
        quota, period = (int(word) for word in words)
    except ValueError:  # "max", or no such file
        return None
    return quota / period if quota > 0 and period > 0 else None


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, ValueError):
        return ""
