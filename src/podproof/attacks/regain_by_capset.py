"""Ask the kernel for a dropped capability: capset(2), then the ambient set.

Neither can add what is not permitted. Source: linux security/commoncap.c, cap_capset(), cap_task_prctl().
"""

from collections.abc import Iterable

from ..effective.linux_capabilities import CAPABILITIES
from ._capability_sets import raise_all
from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.constants import NULL
from .model.kernel_rules import refused
from .model.program import Named, Script

_AMBIENT = Named("PR_CAP_AMBIENT", 47)
_RAISE = Named("PR_CAP_AMBIENT_RAISE", 2)


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    name = scene.dropped_capability
    if name is None:
        yield NotTried("no capability is dropped that this node has")
        return

    def by_capset(script: Script) -> None:
        raise_all(script, name)

    def by_ambient(script: Script) -> None:
        bit = Named(f"CAP_{name}", CAPABILITIES.index(name))
        script.call("prctl", _AMBIENT, _RAISE, bit, NULL, NULL)

    expected = refused("EPERM", why=f"{name} is not in the permitted set")
    yield Trial(by_capset, expected, succeeds("capset"), name)
    yield Trial(by_ambient, expected, succeeds("prctl"), f"{name} as ambient")


ATTACK = Attack(
    id="regain-by-capset",
    title="regain a dropped capability by asking for it",
    claim="a dropped capability cannot be regained by capset or the ambient set",
    field="capabilities",
    trials=_trials,
)
