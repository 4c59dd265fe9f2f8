"""Execute a program whose file has a capability (`+ep`) that the bounding set lacks.

The exec itself fails with EPERM, for root too: a dropped capability cannot come back from a file.
Source: linux security/commoncap.c, bprm_caps_from_vfs_caps().
"""

from collections.abc import Iterable

from ._attack import Attack, Expectation, NotTried, Scene, Trial
from ._capability_sets import bit_of, show_effective
from ._judges import shows_bit
from ._kernel import own_user_namespace, refused, unknown
from ._program import Script


def _expect(scene: Scene) -> Expectation:
    if own_user_namespace(scene.context):
        return unknown("file capabilities of the node do not count in a user namespace of the pod's own")
    return refused("EPERM", why=f"{scene.dropped_capability} is not in the bounding set")


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    name = scene.dropped_capability
    if name is None:
        yield NotTried("no capability is dropped that this node has")
        return
    if not scene.node.set_user_id:
        yield NotTried("the helper's file system is mounted nosuid")
        return

    def execute(script: Script) -> None:
        with script.executed(f"{scene.folder}/file-capability-dropped"):
            show_effective(script, name, step="capget")

    yield Trial(execute, _expect(scene), shows_bit("capget", bit_of(name)[1]), name)


ATTACK = Attack(
    id="regain-by-file-capability",
    title="regain a dropped capability from a file",
    claim="a dropped capability cannot be regained by executing a file that has it",
    field="capabilities",
    trials=_trials,
)
