"""Open another user's file to everyone: chmod(2) of a file that is not one's own takes FOWNER.

Source: linux fs/attr.c, setattr_prepare(), inode_owner_or_capable().
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.constants import AT_FDCWD
from .model.program import Named, Script
from .model.strangers_file import expect_owner_capability, strangers_file


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    def change(script: Script) -> None:
        # to the mode that it has: the permission is asked all the same, and no other attack changes
        script.call("fchmodat", AT_FDCWD, strangers_file(scene), Named("0600", 0o600))

    yield Trial(change, expect_owner_capability(scene, "FOWNER"), succeeds("fchmodat"))


ATTACK = Attack(
    id="change-mode",
    title="change the mode of another user's file",
    claim="the process cannot change the mode of files that it does not own",
    field="capabilities",
    trials=_trials,
)
