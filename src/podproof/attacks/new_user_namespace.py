"""Make a user namespace: every process has every capability in its own.

RuntimeDefault refuses unshare(2) to containers without SYS_ADMIN; without a filter the kernel allows it, and
with it much code that was written for root comes into reach. Source: user_namespaces(7).
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, Expectation, NotTried, Scene, Trial
from .model.constants import CLONE_NEWUSER
from .model.kernel_rules import allowed, filtered, refused, unknown
from .model.program import Script


def expect_namespace(scene: Scene) -> Expectation:
    """Expect what the filter and the node say to a new user namespace."""
    stopped = filtered(scene.context, "unshare")
    if stopped is None:
        return unknown(f"the seccomp profile {scene.context.seccomp.value} is not known here")
    if stopped:
        return refused(scene.node.unshare_error, why=f"seccomp {scene.context.seccomp.value} refuses unshare")
    if scene.node.user_namespaces is None:
        return unknown("whether the node's kernel allows user namespaces could not be read")
    if not scene.node.user_namespaces:
        return refused("EPERM", "ENOSPC", "EINVAL", why="the node's kernel allows no new user namespaces")
    return allowed("no seccomp filter, and the kernel lets every user make one")


def _make(script: Script) -> None:
    script.call("unshare", CLONE_NEWUSER)


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    yield Trial(_make, expect_namespace(scene), succeeds("unshare"))


ATTACK = Attack(
    id="new-user-namespace",
    title="make a user namespace",
    claim="the process cannot make a user namespace, in which it would have every capability",
    field="seccompProfile",
    trials=_trials,
    mediated=True,
)
