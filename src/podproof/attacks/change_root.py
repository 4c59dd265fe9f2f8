"""Change the root folder of the process: chroot(2) takes SYS_CHROOT.

To the root that it has, in a child. Source: linux fs/open.c, chroot().
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.kernel_rules import ask_capability
from .model.program import Script


def _change(script: Script) -> None:
    script.call("chroot", "/")


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    yield Trial(_change, ask_capability(scene.context, "SYS_CHROOT", call="chroot"), succeeds("chroot"))


ATTACK = Attack(
    id="change-root",
    title="change the root folder",
    claim="the process cannot change its root folder",
    field="capabilities",
    trials=_trials,
)
