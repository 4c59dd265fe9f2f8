"""Executing a program whose file has a capability: one trial for every such file of the helper's folder."""

from collections.abc import Iterator

from ._capability_sets import bit_of, show_effective
from ._outcomes import shows_bit
from .model.attack import Expectation, NotTried, Scene, Trial
from .model.kernel_rules import unknown
from .model.program import Script

__all__ = ["NOT_COUNTED", "gained"]

NOT_COUNTED = unknown("file capabilities of the node do not count in a user namespace of the pod's own")


def gained(
    scene: Scene, file: str, name: str, expected: Expectation, *, stopped_by: str = ""
) -> Iterator[Trial | NotTried]:
    """Execute the helper's copy `file`, and look whether the process then has the capability `name`.

    `stopped_by` "execve": the kernel may refuse the execution itself.
    """
    if not scene.node.set_user_id:
        yield NotTried("the helper's file system is mounted nosuid")
        return

    def execute(script: Script) -> None:
        with script.executed(f"{scene.folder}/{file}"):
            show_effective(script, name, step="capget")

    outcome_of = shows_bit("capget", bit_of(name)[1], name, stopped_by=stopped_by)
    yield Trial(execute, expected, outcome_of, name)
