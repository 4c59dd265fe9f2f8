"""Open a device of the node that the container was not given: the kernel's log, through a file that is there.

The device file has mode 0666, so only the device cgroup stands in the way; privileged containers have none.
It is opened for writing, which asks for no capability, and nothing is written.
Source: linux security/device_cgroup.c; drivers/char/mem.c and kernel/printk/printk.c, devkmsg_open().
"""

from collections.abc import Iterable

from ..effective.value import Unknown
from ._outcomes import succeeds
from .model.attack import Attack, Expectation, NotTried, Scene, Trial
from .model.constants import AT_FDCWD, O_WRONLY
from .model.kernel_rules import allowed, own_user_namespace, refused, unknown
from .model.program import Script

FILE = "kernel-log-device"


def _expect(scene: Scene) -> Expectation:
    privileged = scene.context.privileged.value
    if isinstance(privileged, Unknown):
        return unknown(privileged.reason)
    if own_user_namespace(scene.context):
        return refused(
            "EPERM", "EACCES", why="device files do not count in a user namespace of the pod's own"
        )
    if privileged:
        return allowed("privileged: every device of the node may be opened")
    return refused("EPERM", why="the device cgroup allows the default devices only")


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    if not scene.node.device_files:
        yield NotTried("the helper's file system is mounted nodev")
        return

    def open_it(script: Script) -> None:
        script.call("openat", AT_FDCWD, f"{scene.scratch}/{FILE}", O_WRONLY, 0)

    yield Trial(open_it, _expect(scene), succeeds("openat"))


ATTACK = Attack(
    id="open-device-node",
    title="open a device of the node",
    claim="the process cannot open devices that the container was not given",
    field="privileged",
    trials=_trials,
)
