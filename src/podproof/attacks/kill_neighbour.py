"""Signal a process of another container, with signal 0: permission is asked and nothing is sent.

Without a PID namespace in common there is no such process: ESRCH. With one, the user decides, or KILL.
Source: kill(2); linux kernel/signal.c, kill_ok_by_cred().
"""

from collections.abc import Iterable

from ..effective.value import Unknown
from ._outcomes import succeeds
from .model.attack import Attack, Expectation, Neighbour, NotTried, Scene, Trial
from .model.kernel_rules import allowed, ask_capability, refused, unknown
from .model.program import Script


def _expect(scene: Scene, neighbour: Neighbour) -> Expectation:
    if not neighbour.visible:
        return refused("ESRCH", why="the container has a PID namespace of its own")
    uid = scene.context.uid.value
    if isinstance(uid, Unknown):
        return unknown(uid.reason)
    if uid == neighbour.uid:
        return allowed(f"{neighbour.name} runs as the same UID {uid}")
    return ask_capability(scene.context, "KILL")


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    if not scene.living:
        yield NotTried("no other container of the pod is running")
    for neighbour, number in scene.living:

        def signal(script: Script, pid: int = number) -> None:
            script.call("kill", pid, 0)

        yield Trial(signal, _expect(scene, neighbour), succeeds("kill"), neighbour.name)


ATTACK = Attack(
    id="kill-neighbour",
    title="signal another container's process",
    claim="the process cannot signal processes of other containers",
    field="shareProcessNamespace",
    trials=_trials,
    mediated=True,
)
