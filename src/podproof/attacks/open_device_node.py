"""Open devices of the node that the container was not given, through files that are there.

The device files have mode 0666, so only the device cgroup stands in the way; privileged containers have none.
Each is opened for what its driver asks no capability for, and nothing is read or written. On cgroup v2, where
no file lists what is allowed, this is how it is seen.
Source: linux security/device_cgroup.c; Documentation/admin-guide/devices.txt; kernel/printk/printk.c,
devkmsg_open().
"""

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from ..effective.value import Unknown
from ._outcomes import succeeds
from .model.attack import Attack, Expectation, NotTried, Scene, Trial
from .model.constants import AT_FDCWD, O_RDONLY, O_WRONLY
from .model.kernel_rules import allowed, own_user_namespace, refused, unknown
from .model.program import Named, Script

__all__ = ["ATTACK", "DEVICES", "ProbedDevice"]


class ProbedDevice(msgspec.Struct, frozen=True):
    """A device by its numbers, and how it is opened."""

    name: str
    kind: Literal["char", "block"]
    major: int
    minor: int
    modes: tuple[Named, ...]

    @property
    def file(self) -> str:
        """The name of its file in the scratch folder."""
        return f"device-{self.name}"


DEVICES = (
    ProbedDevice("kmsg", "char", 1, 11, (O_WRONLY,)),
    ProbedDevice("fuse", "char", 10, 229, (O_RDONLY, O_WRONLY)),
    ProbedDevice("loop-control", "char", 10, 237, (O_RDONLY, O_WRONLY)),
    ProbedDevice("kvm", "char", 10, 232, (O_RDONLY,)),
    ProbedDevice("loop0", "block", 7, 0, (O_RDONLY,)),
)
"""The kernel's log; a file system's and a machine's driver; block devices, and making more of them.

Opening them does nothing. The log is not opened for reading, which may ask for a capability.
"""


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
    for device in DEVICES:
        if device.name in scene.node.unopened:
            yield NotTried(f"/dev/{device.name}: this machine has none that could be opened")
            continue
        for mode in device.modes:
            target = f"/dev/{device.name} {'to read' if mode is O_RDONLY else 'to write'}"
            yield Trial(_opener(scene, device, mode), _expect(scene), succeeds("openat"), target)


def _opener(scene: Scene, device: ProbedDevice, mode: Named) -> Callable[[Script], None]:
    def open_it(script: Script) -> None:
        script.call("openat", AT_FDCWD, f"{scene.scratch}/{device.file}", mode, 0)

    return open_it


ATTACK = Attack(
    id="open-device-node",
    title="open devices of the node",
    claim="the process cannot open devices that the container was not given",
    field="privileged",
    trials=_trials,
)
