"""Open a file of /sys for writing: a parameter of the kernel itself.

Unless privileged, /sys is mounted read-only. Nothing is written.
Source: containerd pkg/cri, container mounts: sysfs with `ro`.
"""

from ..effective.value import Unknown
from ._attack import Attack, Scene
from ._kernel_files import opening

PATH = "/sys/module/kernel/parameters/panic"


def _read_only(scene: Scene) -> bool | None:
    privileged = scene.context.privileged.value
    return None if isinstance(privileged, Unknown) else not privileged


ATTACK = Attack(
    id="write-sys",
    title="write a file in /sys",
    claim="the process cannot write to /sys",
    field="privileged",
    trials=opening(PATH, _read_only),
)
