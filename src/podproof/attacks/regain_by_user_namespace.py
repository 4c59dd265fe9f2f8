"""Make a user namespace, and use its capabilities on what is outside: a raw socket in the pod's network.

Capabilities of a user namespace count for what it owns only. Source: user_namespaces(7).
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from ._user_namespaces import expect_user_namespace
from .model.attack import Attack, Expectation, NotTried, Scene, Trial
from .model.constants import AF_INET, CLONE_NEWUSER, IPPROTO_ICMP, SOCK_RAW
from .model.kernel_rules import refused, unknown
from .model.program import Script


def _use(script: Script) -> None:
    made = script.call("unshare", CLONE_NEWUSER)
    with script.unless_failed(made):
        script.call("socket", AF_INET, SOCK_RAW, IPPROTO_ICMP)


def _expect(scene: Scene) -> Expectation:
    made = expect_user_namespace(scene)
    if made.allowed is False:
        return made
    if made.allowed is None:
        return unknown(made.why)
    return refused("EPERM", why="capabilities in a new user namespace do not count outside it")


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    yield Trial(_use, _expect(scene), succeeds("socket", stopped_by="unshare"))


ATTACK = Attack(
    id="regain-by-user-namespace",
    title="use a user namespace's capabilities outside it",
    claim="a dropped capability cannot be regained by a user namespace",
    field="capabilities",
    trials=_trials,
)
