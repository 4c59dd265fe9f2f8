"""Take another user's file: chown(2) takes CHOWN.

Source: linux fs/attr.c, setattr_prepare().
"""

from collections.abc import Iterable

from ..effective.value import Unknown
from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.constants import AT_FDCWD
from .model.program import Script
from .model.strangers_file import expect_owner_capability, strangers_file


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    uid = scene.context.uid.value
    mine = 0 if isinstance(uid, Unknown) else uid

    def take(script: Script) -> None:
        path = strangers_file(scene)
        taken = script.call("fchownat", AT_FDCWD, path, mine, -1, 0)
        with script.unless_failed(taken):
            script.quietly("fchownat", AT_FDCWD, path, scene.stranger, scene.stranger, 0)

    yield Trial(take, expect_owner_capability(scene, "CHOWN"), succeeds("fchownat"))


ATTACK = Attack(
    id="change-owner",
    title="take another user's file by chown",
    claim="the process cannot change the owner of files",
    field="capabilities",
    trials=_trials,
)
