"""Mount a file system, over the attacker's own empty folder: mount(2) takes SYS_ADMIN.

A tmpfs that nobody else sees, taken away again at once. Source: linux fs/namespace.c, may_mount().
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.constants import NULL
from .model.kernel_rules import ask_capability
from .model.program import Named, Script

FOLDER = "empty"

_DETACH = Named("MNT_DETACH", 2)


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    def mount(script: Script) -> None:
        path = f"{scene.scratch}/{FOLDER}"
        mounted = script.call("mount", "none", path, "tmpfs", 0, NULL)
        with script.unless_failed(mounted):
            script.quietly("umount2", path, _DETACH)

    yield Trial(mount, ask_capability(scene.context, "SYS_ADMIN", call="mount"), succeeds("mount"))


ATTACK = Attack(
    id="mount-filesystem",
    title="mount a file system",
    claim="the process cannot mount file systems",
    field="capabilities",
    trials=_trials,
    mediated=True,
)
