"""Open a file of /sys for writing: a parameter of the kernel itself.

Unless privileged, /sys is mounted read-only. For a privileged container it is not; but sysfs is one file
system for all of a network namespace, and where the pod's sandbox mounted it first and read-only, it stays
so: seen with containerd 1.6.20. Nothing is written.
Source: containerd pkg/cri, container mounts: sysfs with `ro`.
"""

from ..effective.value import Unknown
from ._kernel_files import opening
from .model.attack import Attack, Scene

PATH = "/sys/module/kernel/parameters/panic"


def _read_only(scene: Scene) -> bool | None:
    privileged = scene.context.privileged.value
    if isinstance(privileged, Unknown):
        return None
    if privileged and scene.context.namespaces.net.value != "host":
        return None
    return not privileged


ATTACK = Attack(
    id="write-sys",
    title="write a file in /sys",
    claim="the process cannot write to /sys",
    field="privileged",
    trials=opening(PATH, _read_only),
    mediated=True,
)
