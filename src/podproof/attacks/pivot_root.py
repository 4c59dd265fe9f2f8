"""Change the root of the mount namespace: pivot_root(2) takes SYS_ADMIN.

It is asked with a folder that does not exist: the kernel looks for it after it has asked for permission, so
ENOENT means that it would have done it. Source: linux fs/namespace.c, pivot_root().
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.kernel_rules import ask_capability
from .model.program import Script

_NOWHERE = "/.podproof-nowhere"


def _pivot(script: Script) -> None:
    script.call("pivot_root", _NOWHERE, _NOWHERE)


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    expected = ask_capability(scene.context, "SYS_ADMIN", call="pivot_root")
    yield Trial(_pivot, expected, succeeds("pivot_root", "ENOENT"))


ATTACK = Attack(
    id="pivot-root",
    title="change the root of the mount namespace",
    claim="the process cannot change its root mount",
    field="capabilities",
    trials=_trials,
    mediated=True,
)
