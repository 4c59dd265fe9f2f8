"""Execute a program whose file has a capability (`+ep`) that the bounding set lacks.

The exec itself fails with EPERM, for root too: a dropped capability cannot come back from a file.
Source: linux security/commoncap.c, bprm_caps_from_vfs_caps().
"""

from collections.abc import Iterable

from ._file_capabilities import NOT_COUNTED, gained
from .model.attack import Attack, Expectation, NotTried, Scene, Trial
from .model.kernel_rules import own_user_namespace, refused


def _expect(scene: Scene) -> Expectation:
    if own_user_namespace(scene.context):
        return NOT_COUNTED
    return refused("EPERM", why=f"{scene.dropped_capability} is not in the bounding set")


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    name = scene.dropped_capability
    if name is None:
        yield NotTried("no capability is dropped that this node has")
        return
    yield from gained(scene, "file-capability-dropped", name, _expect(scene), stopped_by="execve")


ATTACK = Attack(
    id="regain-by-file-capability",
    title="regain a dropped capability from a file",
    claim="a dropped capability cannot be regained by executing a file that has it",
    field="capabilities",
    trials=_trials,
)
