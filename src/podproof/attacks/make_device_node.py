"""Make a device file: mknod(2) of a device takes MKNOD.

The node that is made is the null device's, and removed again. Source: linux fs/namei.c, vfs_mknod().
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.constants import AT_FDCWD, S_IFCHR
from .model.kernel_rules import ask_capability
from .model.program import Named, Script

_NULL_DEVICE = Named("makedev(1, 3)", 1 << 8 | 3)


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    def make(script: Script) -> None:
        path = f"{scene.scratch}/device-of-{scene.container}"
        made = script.call("mknodat", AT_FDCWD, path, S_IFCHR, _NULL_DEVICE)
        with script.unless_failed(made):
            script.quietly("unlinkat", AT_FDCWD, path, 0)

    yield Trial(make, ask_capability(scene.context, "MKNOD", on_node=True), succeeds("mknodat"))


ATTACK = Attack(
    id="make-device-node",
    title="make a device file",
    claim="the process cannot make device files",
    field="capabilities",
    trials=_trials,
)
