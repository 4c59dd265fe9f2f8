"""Load a kernel module: init_module(2) takes SYS_MODULE.

The image is one byte, which is not a module: the kernel looks at it after it has asked for permission, so
ENOEXEC means that it would have loaded one. Source: linux kernel/module/main.c, may_init_module().
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, Expectation, NotTried, Scene, Trial
from .model.kernel_rules import ask_capability, refused, unknown
from .model.program import Script


def _load(script: Script) -> None:
    script.call("init_module", script.block(b"\0", '"\\0"'), 1, "")


def _expect(scene: Scene) -> Expectation:
    expected = ask_capability(scene.context, "SYS_MODULE", call="init_module", on_node=True)
    if expected.allowed and not scene.node.modules:
        if scene.node.modules is None:
            return unknown("whether the node's kernel loads modules could not be read")
        return refused("EPERM", "ENOSYS", why="the node's kernel loads no modules")
    if expected.allowed is False and scene.node.modules is False:
        return refused("EPERM", "ENOSYS", why=expected.why)
    return expected


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    yield Trial(_load, _expect(scene), succeeds("init_module", "ENOEXEC"))


ATTACK = Attack(
    id="load-module",
    title="load a kernel module",
    claim="the process cannot load kernel modules",
    field="capabilities",
    trials=_trials,
)
