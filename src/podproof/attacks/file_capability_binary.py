"""Execute a program whose file has a capability (`+ep`) that the bounding set has.

A process that is not root gains it, unless no_new_privs is set; this is the one way in which
`capabilities.add` helps a user other than root. Source: capabilities(7), file capabilities.
"""

from collections.abc import Iterable

from ..effective.value import Unknown
from ._file_capabilities import NOT_COUNTED, gained
from ._outcomes import without
from .model.attack import Attack, Expectation, NotTried, Scene, Trial
from .model.kernel_rules import allowed, own_user_namespace, refused, unknown


def _expect(scene: Scene, name: str) -> Expectation:
    flag = scene.context.no_new_privs.value
    if isinstance(flag, Unknown):
        return unknown(flag.reason)
    if own_user_namespace(scene.context):
        return NOT_COUNTED
    if flag:
        return refused(without(name), why="no_new_privs: the file's capabilities are ignored")
    return allowed(f"no_new_privs is not set, and {name} is in the bounding set")


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    name = scene.file_capability
    effective = scene.context.capabilities.effective.value
    if name is None:
        yield NotTried("the bounding set is empty: there is nothing that a file could give")
        return
    if not isinstance(effective, Unknown) and name in effective:
        yield NotTried("the process has every capability of the bounding set already")
        return
    yield from gained(scene, "file-capability", name, _expect(scene, name))


ATTACK = Attack(
    id="file-capability-binary",
    title="gain a capability by a program whose file has it",
    claim="a program with file capabilities cannot give the process more than it has",
    field="allowPrivilegeEscalation",
    trials=_trials,
)
