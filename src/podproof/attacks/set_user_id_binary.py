"""Execute a program with the set-user-ID bit that belongs to root.

It runs with effective UID 0, limited to the bounding set, unless no_new_privs is set.
Source: execve(2); linux security/commoncap.c, cap_bprm_creds_from_file().
"""

from collections.abc import Iterable

from ..effective.value import Unknown
from ._outcomes import shows_root, uid_kept
from .model.attack import Attack, Expectation, NotTried, Scene, Trial
from .model.kernel_rules import allowed, own_user_namespace, refused, unknown
from .model.program import Script


def _expect(scene: Scene, uid: int | Unknown) -> Expectation:
    flag = scene.context.no_new_privs.value
    if isinstance(flag, Unknown):
        return unknown(flag.reason)
    if own_user_namespace(scene.context):
        return unknown("whether the file belongs to root in the pod's user namespace depends on the runtime")
    if flag:
        if isinstance(uid, Unknown):
            return unknown(uid.reason)
        return refused(uid_kept(uid), why="no_new_privs: the program keeps the caller's UID")
    return allowed("no_new_privs is not set: the program becomes root")


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    uid = scene.context.uid.value
    if uid == 0:
        yield NotTried("the process is root already")
        return
    if not scene.node.set_user_id:
        yield NotTried("the helper's file system is mounted nosuid")
        return

    def execute(script: Script) -> None:
        with script.executed(f"{scene.folder}/set-user-id"):
            script.call("geteuid")

    yield Trial(execute, _expect(scene, uid), shows_root("geteuid"))


ATTACK = Attack(
    id="set-user-id-binary",
    title="become root by a set-user-ID program",
    claim="a program with the set-user-ID bit cannot make the process root",
    field="allowPrivilegeEscalation",
    trials=_trials,
)
