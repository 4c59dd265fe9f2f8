"""Make a user namespace: every process has every capability in its own.

RuntimeDefault refuses unshare(2) to containers without SYS_ADMIN; without a filter the kernel allows it, and
with it much code that was written for root comes into reach. Source: user_namespaces(7).
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from ._user_namespaces import expect_user_namespace
from .model.attack import Attack, NotTried, Scene, Trial
from .model.constants import CLONE_NEWUSER
from .model.program import Script


def _make(script: Script) -> None:
    script.call("unshare", CLONE_NEWUSER)


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    yield Trial(_make, expect_user_namespace(scene), succeeds("unshare"))


ATTACK = Attack(
    id="new-user-namespace",
    title="make a user namespace",
    claim="the process cannot make a user namespace, in which it would have every capability",
    field="seccompProfile",
    trials=_trials,
    mediated=True,
)
