"""Become UID 0 (again), by setresuid(2) or a set-user-ID program, and look for a dropped capability.

Root's capabilities come from the bounding set; what it lacks no change of user brings back.
Source: capabilities(7), "Effect of user ID changes on capabilities".
"""

from collections.abc import Iterable

from ._capability_sets import bit_of, show_effective
from ._outcomes import shows_bit, without
from .model.attack import Attack, NotTried, Scene, Trial
from .model.kernel_rules import refused
from .model.program import Script


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    name = scene.dropped_capability
    if name is None:
        yield NotTried("no capability is dropped that this node has")
        return

    def by_call(script: Script) -> None:
        script.call("setresuid", 0, 0, 0)
        show_effective(script, name, step="capget")

    def by_program(script: Script) -> None:
        with script.executed(f"{scene.folder}/set-user-id"):
            script.call("setresuid", 0, 0, 0)
            show_effective(script, name, step="capget")

    expected = refused(without(name), why=f"{name} is not in the bounding set")
    outcome_of = shows_bit("capget", bit_of(name)[1], name)
    yield Trial(by_call, expected, outcome_of, f"{name} by setresuid")
    if scene.node.set_user_id:
        yield Trial(by_program, expected, outcome_of, f"{name} by a set-user-ID program")


ATTACK = Attack(
    id="regain-by-set-user-id",
    title="regain a dropped capability by becoming root",
    claim="a dropped capability cannot be regained by becoming root",
    field="capabilities",
    trials=_trials,
)
