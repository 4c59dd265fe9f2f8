"""Make system calls that a seccomp profile may refuse, and see who answers: the kernel or the filter.

Each has arguments that no kernel accepts, so that it answers with an error of its own before it asks for any
permission; personality(2) succeeds, in a child that ends. Any other answer is the filter's.
Source of the profile RuntimeDefault: containerd v1.6.20 and v2.3.7 contrib/seccomp/seccomp_default.go.
"""

from collections.abc import Callable, Iterable

import msgspec

from ..effective.value import Unknown
from .model.attack import Attack, AttackOutcome, Expectation, NotTried, OutcomeOf, Scene, Trial
from .model.constants import NULL
from .model.kernel_rules import allowed, refused, unknown
from .model.program import Argument, CallResult, Named, Script
from .model.seccomp_profile import action_of

__all__ = ["ATTACK", "PROBES", "Probe"]

_NEVER = frozenset[str]()
_NONE = 2**32 - 1


class Probe(msgspec.Struct, frozen=True):
    """One call: its arguments, and the kernel's own answer, "" for success.

    `capabilities`: RuntimeDefault lets it through where the bounding set has one of these.
    """

    call: str
    arguments: tuple[Argument, ...]
    answer: str
    capabilities: frozenset[str] = _NEVER


PROBES = (
    Probe("keyctl", (Named("-1", _NONE), 0, 0, 0, 0), "EOPNOTSUPP"),
    Probe("add_key", (NULL, NULL, NULL, 0, 0), "EFAULT"),
    Probe("request_key", (NULL, NULL, NULL, 0), "EFAULT"),
    Probe("userfaultfd", (Named("-1", _NONE),), "EINVAL"),
    Probe("personality", (Named("READ_IMPLIES_EXEC", 0x0400000),), ""),
    Probe("setns", (Named("-1", _NONE), 0), "EBADF", frozenset(("SYS_ADMIN",))),
    Probe("kcmp", (Named("INT_MAX", 2**31 - 1), Named("INT_MAX", 2**31 - 1), 0, 0, 0), "ESRCH",
          frozenset(("SYS_PTRACE",))),
)  # fmt: skip


def _caller(probe: Probe) -> Callable[[Script], None]:
    def call(script: Script) -> None:
        script.call(probe.call, *probe.arguments)

    return call


def _answered(probe: Probe, own: str) -> OutcomeOf:
    """Allowed where the kernel itself answered: with its `own` error, or with success."""

    def outcome_of(answers: tuple[CallResult, ...]) -> AttackOutcome:
        answer = next((one for one in answers if one.step == probe.call and one.value is not None), None)
        if answer is None:
            return AttackOutcome(None)
        if (answer.errno or "") == own:
            return AttackOutcome(True)
        return AttackOutcome(False, answer.errno or "0")

    return outcome_of


def _expect(scene: Scene, probe: Probe) -> Expectation:
    profile = scene.context.seccomp.value
    if profile == "Unconfined":
        return allowed("no seccomp filter")
    if profile == "RuntimeDefault":
        return _by_default(scene, probe)
    if scene.profile is None:
        return unknown(f"the seccomp profile {profile} could not be read")
    words = tuple(int(word) for word in probe.arguments if isinstance(word, int))
    action = action_of(scene.profile, probe.call, words)
    if isinstance(action, Unknown):
        return unknown(action.reason)
    if not action:
        return allowed(f"seccomp {profile} allows it")
    return refused(action, why=f"seccomp {profile} refuses it")


def _by_default(scene: Scene, probe: Probe) -> Expectation:
    if not scene.node.known_filter:
        return unknown("the profile RuntimeDefault of this runtime is not known here")
    bounding = scene.context.capabilities.bounding.value
    if isinstance(bounding, Unknown):
        return unknown(bounding.reason)
    if probe.capabilities & frozenset(bounding):
        return allowed("seccomp RuntimeDefault allows it")
    return refused("EPERM", why="seccomp RuntimeDefault refuses it")


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    filtered = "EPERM" in scene.node.answers.values()
    for probe in PROBES:
        if filtered and not probe.answer:
            yield NotTried(f"{probe.call}: this machine has a seccomp filter of its own")
            continue
        own = scene.node.answers.get(probe.call, probe.answer)
        if own in ("EPERM", "ENOSYS"):
            yield NotTried(f"{probe.call}: this machine answers {own} to everybody")
            continue
        yield Trial(_caller(probe), _expect(scene, probe), _answered(probe, own), probe.call)


ATTACK = Attack(
    id="filtered-calls",
    title="make system calls that the profile refuses",
    claim="the process cannot make the system calls that its seccomp profile refuses",
    field="seccompProfile",
    trials=_trials,
    by_profile=True,
)
