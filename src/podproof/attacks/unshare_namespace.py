"""Make a mount namespace: unshare(2) of anything but a user namespace takes SYS_ADMIN.

Source: linux kernel/nsproxy.c, unshare_nsproxy_namespaces().
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.constants import CLONE_NEWNS
from .model.kernel_rules import ask_capability
from .model.program import Script


def _unshare(script: Script) -> None:
    script.call("unshare", CLONE_NEWNS)


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    error = scene.node.unshare_error
    expected = ask_capability(scene.context, "SYS_ADMIN", call="unshare", filter_error=error)
    yield Trial(_unshare, expected, succeeds("unshare"))


ATTACK = Attack(
    id="unshare-namespace",
    title="make a mount namespace",
    claim="the process cannot make namespaces of its own",
    field="capabilities",
    trials=_trials,
)
