"""Become another user and another group: setresuid(2) takes SETUID, setgroups(2) and setresgid(2) SETGID.

Source: capabilities(7).
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, Expectation, NotTried, Scene, Trial
from .model.constants import NULL
from .model.kernel_rules import ask_capability, own_user_namespace, unknown
from .model.program import Script


def _expect(scene: Scene, name: str) -> Expectation:
    if own_user_namespace(scene.context):
        return unknown("how many users the pod's user namespace maps depends on the node")
    return ask_capability(scene.context, name)


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    other = scene.stranger

    def user(script: Script) -> None:
        script.call("setresuid", other, other, other)

    def group(script: Script) -> None:
        script.call("setresgid", other, other, other)

    def groups(script: Script) -> None:
        script.call("setgroups", 0, NULL)

    yield Trial(user, _expect(scene, "SETUID"), succeeds("setresuid"), "user")
    yield Trial(group, _expect(scene, "SETGID"), succeeds("setresgid"), "group")
    yield Trial(groups, _expect(scene, "SETGID"), succeeds("setgroups"), "supplementary groups")


ATTACK = Attack(
    id="change-user",
    title="become another user or group",
    claim="the process cannot become another user or group",
    field="capabilities",
    trials=_trials,
)
