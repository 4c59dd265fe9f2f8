"""Attach to a process of another container with ptrace(2), which could read its memory and change it.

PTRACE_SEIZE does not stop the process, and it is let go when the attacker ends. The same user may, unless the
other has capabilities that this process lacks, or Yama forbids it; anyone else needs SYS_PTRACE.
Source: ptrace(2), "Ptrace access mode checking"; linux security/commoncap.c, cap_ptrace_access_check().
"""

from collections.abc import Iterable

from ..effective.value import Unknown
from ._outcomes import succeeds
from .model.attack import Attack, Expectation, Neighbour, NotTried, Scene, Trial
from .model.constants import NULL
from .model.kernel_rules import allowed, ask_capability, refused, unknown
from .model.program import Named, Script

_SEIZE = Named("PTRACE_SEIZE", 0x4206)


def _expect(scene: Scene, neighbour: Neighbour) -> Expectation:
    if not neighbour.visible:
        return refused("ESRCH", why="the container has a PID namespace of its own")
    if scene.context.seccomp.value not in ("Unconfined", "RuntimeDefault"):
        return unknown(f"the seccomp profile {scene.context.seccomp.value} is not known here")
    uid, gid = scene.context.uid.value, scene.context.gid.value
    permitted = scene.context.capabilities.permitted.value
    if isinstance(uid, Unknown) or isinstance(gid, Unknown) or isinstance(permitted, Unknown):
        return unknown("the user, group or capabilities are not known")
    strong = ask_capability(scene.context, "SYS_PTRACE")
    if strong.allowed:
        return strong
    if uid != neighbour.uid or gid != neighbour.gid:
        return refused("EPERM", why=f"{neighbour.name} runs as {neighbour.uid}:{neighbour.gid}")
    if not neighbour.permitted <= frozenset(permitted):
        return refused("EPERM", why=f"{neighbour.name} has capabilities that this process lacks")
    if scene.node.ptrace_scope is None:
        return unknown("Yama's ptrace_scope could not be read")
    if scene.node.ptrace_scope > 0:
        return refused("EPERM", why=f"Yama's ptrace_scope is {scene.node.ptrace_scope}")
    return allowed(f"{neighbour.name} runs as the same user with no more capabilities")


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    if not scene.living:
        yield NotTried("no other container of the pod is running")
    for neighbour, number in scene.living:

        def attach(script: Script, pid: int = number) -> None:
            script.call("ptrace", _SEIZE, pid, NULL, NULL)

        yield Trial(attach, _expect(scene, neighbour), succeeds("ptrace"), neighbour.name)


ATTACK = Attack(
    id="trace-neighbour",
    title="attach to another container's process",
    claim="the process cannot read the memory of other containers' processes",
    field="shareProcessNamespace",
    trials=_trials,
    mediated=True,
)
