"""Which paths of this machine's kernel decide predictions: the masked ones, and the cgroup version's."""

import os
from pathlib import Path

from ...effective.proc_paths import default_masked, default_readonly

__all__ = ["kernel_paths"]

_CGROUP_V2 = "/sys/fs/cgroup/cgroup.controllers"


def kernel_paths(version: int) -> tuple[str, ...]:
    """List those of the kubelet's masked and read-only paths that exist here, and cgroup v2's mark.

    `version` is the kubelet's minor release. Nothing below them is listed.
    """
    throttles = sorted(Path("/sys/devices/system/cpu").glob("cpu[0-9]*/thermal_throttle"))
    asked = (*default_masked(version), *default_readonly(version), *map(str, throttles), _CGROUP_V2)
    return tuple(path for path in asked if os.path.lexists(path))
