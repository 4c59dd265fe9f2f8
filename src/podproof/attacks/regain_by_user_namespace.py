"""Make a user namespace, and use its capabilities on what is outside: a raw socket in the pod's network.

Capabilities of a user namespace count for what it owns only. Source: user_namespaces(7).
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.constants import AF_INET, CLONE_NEWUSER, IPPROTO_ICMP, SOCK_RAW
from .model.kernel_rules import refused
from .model.program import Script


def _use(script: Script) -> None:
    made = script.call("unshare", CLONE_NEWUSER)
    with script.unless_failed(made):
        script.call("socket", AF_INET, SOCK_RAW, IPPROTO_ICMP)


def _trials(_scene: Scene) -> Iterable[Trial | NotTried]:
    why = "capabilities in a new user namespace do not count outside it"
    yield Trial(_use, refused(why=why), succeeds("socket"))


ATTACK = Attack(
    id="regain-by-user-namespace",
    title="use a user namespace's capabilities outside it",
    claim="a dropped capability cannot be regained by a user namespace",
    field="capabilities",
    trials=_trials,
)
