"""Open a kernel parameter for writing: core_pattern, by which containers have been left before.

Unless privileged, or procMount is Unmasked, /proc/sys is mounted read-only. Nothing is written.
"""

from ..effective.value import Unknown
from ._kernel_files import opening
from .model.attack import Attack, Scene

PATH = "/proc/sys/kernel/core_pattern"


def _read_only(scene: Scene) -> bool | None:
    paths = scene.context.readonly_paths.value
    return None if isinstance(paths, Unknown) else "/proc/sys" in paths


ATTACK = Attack(
    id="write-proc-sys",
    title="write a kernel parameter in /proc/sys",
    claim="the process cannot write kernel parameters",
    field="procMount",
    trials=opening(PATH, _read_only),
    mediated=True,
)
