"""Set the node's clock: adjtimex(2) that changes anything takes SYS_TIME.

It asks for a length of the tick that cannot be: the kernel looks at it after it has asked for permission, so
EINVAL means that it would have set it. Source: linux kernel/time/timekeeping.c, timekeeping_validate_timex().
"""

import struct
from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.kernel_rules import ask_capability
from .model.program import Script

_ADJ_TICK = 0x4000
_TIMEX = 208
"""Bytes of struct timex on 64-bit machines; `modes` is its first word, a tick of 0 stands in the zeros."""


def _set(script: Script) -> None:
    request = struct.pack("<I", _ADJ_TICK) + bytes(_TIMEX - 4)
    script.call("adjtimex", script.block(request, "{modes=ADJ_TICK, tick=0}"))


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    yield Trial(_set, ask_capability(scene.context, "SYS_TIME", on_node=True), succeeds("adjtimex", "EINVAL"))


ATTACK = Attack(
    id="set-clock",
    title="set the node's clock",
    claim="the process cannot set the node's clock",
    field="capabilities",
    trials=_trials,
)
