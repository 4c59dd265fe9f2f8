"""What an attack is made of: its scene and trials, what is expected of each, and how it came out.

Values only, for the attacks of this room to fill in and for whoever runs them to read.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from ...effective.context import EffectiveSecurityContext
from .program import CallResult, Script
from .seccomp_profile import SeccompRules

__all__ = [
    "Attack",
    "AttackOutcome",
    "Expectation",
    "Neighbour",
    "NodeFacts",
    "NotTried",
    "Owner",
    "Scene",
    "Trial",
    "as_expected",
]


class Owner(msgspec.Struct, frozen=True):
    """Who owns a file and its mode's permission bits."""

    uid: int
    gid: int
    mode: int


class NodeFacts(msgspec.Struct, frozen=True):
    """What the node's kernel is set to, read before the attacks; None means that it could not be read.

    `port_start`: the node's own net.ipv4.ip_unprivileged_port_start. `ptrace_scope`: Yama's, 0 where there is
    no Yama. `user_namespaces`: whether new ones may be made. `modules`: whether the kernel can load any.
    `set_user_id`, `device_files`: whether the file system that helpers are mounted from honours them.
    `unshare_error`: what the runtime's own seccomp filter answers to unshare(2); `known_filter`: whether it
    is the one whose calls are known here. `answers`: what calls that are probed get from this machine's
    kernel, "" for success. `unopened`: the devices that not even the node can open.
    """

    port_start: int | None = None
    ptrace_scope: int | None = None
    user_namespaces: bool | None = None
    modules: bool | None = None
    set_user_id: bool = True
    device_files: bool = True
    unshare_error: str = "EPERM"
    known_filter: bool = True
    answers: Mapping[str, str] = {}
    unopened: frozenset[str] = frozenset()


class Neighbour(msgspec.Struct, frozen=True):
    """Another container of the pod, by its process: `pid` as the attacker would name it, None: it ended."""

    name: str
    pid: int | None
    visible: bool
    uid: int
    gid: int
    permitted: frozenset[str]


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One container as its attacker finds it.

    `context` is the prediction. `folder` holds the helper and its copies (`helper`, `set-user-id`, and
    `file-capability`, `file-capability-dropped` where `file_capability` and `dropped_capability` are named),
    read-only. `scratch` is a folder that every attacker of the pod may write, with files that are another
    user's. `shared` maps names of neighbours to the paths of volumes which both mount, as this container has
    them. `existing` are the paths, of those that attacks ask about, which the container has.
    `profile` is its Localhost seccomp profile, None where there is none or it could not be read.
    """

    container: str
    context: EffectiveSecurityContext
    node: NodeFacts
    root: Owner | None
    folder: str
    scratch: str
    stranger: int
    file_capability: str | None = None
    dropped_capability: str | None = None
    neighbours: tuple[Neighbour, ...] = ()
    shared: Mapping[str, tuple[str, ...]] = {}
    existing: frozenset[str] = frozenset()
    profile: SeccompRules | None = None

    @property
    def living(self) -> tuple[tuple[Neighbour, int], ...]:
        """Give the neighbours whose processes are there, with their pids."""
        return tuple((other, other.pid) for other in self.neighbours if other.pid is not None)


class Expectation(msgspec.Struct, frozen=True):
    """What the kernel should answer: allowed, or one of these errors; `allowed` None: not to be told.

    Where a refusal is no error, `errors` say what stays as it was: `still UID 1000`.
    """

    allowed: bool | None
    errors: tuple[str, ...] = ()
    why: str = ""

    def __str__(self) -> str:
        """Write it as a person says it: `EPERM`, `allowed`, `not predicted`."""
        if self.allowed is None:
            return "not predicted"
        return "allowed" if self.allowed else " or ".join(self.errors)


class AttackOutcome(msgspec.Struct, frozen=True):
    """What the kernel did: allowed, or refused with an error; `allowed` None: it was not reached.

    An attack whose decisive call was never made shows nothing: it is not reached, whatever came before.
    """

    allowed: bool | None
    error: str | None = None

    def __str__(self) -> str:
        """Write it in the words of an Expectation."""
        if self.allowed is None:
            return "not reached"
        return "allowed" if self.allowed else self.error or "refused"


OutcomeOf = Callable[[tuple[CallResult, ...]], AttackOutcome]
"""Reads an outcome from what the calls of a trial answered, in their order."""


class NotTried(msgspec.Struct, frozen=True):
    """Says why an attack makes no sense in a scene."""

    reason: str


class Trial(msgspec.Struct, frozen=True):
    """One try: its aim (`target` "" when there is only one), its steps, and how to read its outcome."""

    write: Callable[[Script], None]
    expected: Expectation
    outcome_of: OutcomeOf
    target: str = ""


class Attack(msgspec.Struct, frozen=True):
    """One way to break out of a context.

    `claim` is the sentence that holds when the attack comes out as it should; `field` names the field of the
    security context that should stop it. `late` attacks read what others' early ones have left. `mediated`:
    the AppArmor profile that runtimes bring has rules about it. `by_profile`: it asks the seccomp profile
    itself.
    """

    id: str
    title: str
    claim: str
    field: str
    trials: Callable[[Scene], Iterable[Trial | NotTried]]
    late: bool = False
    mediated: bool = False
    by_profile: bool = False


def as_expected(expected: Expectation, outcome: AttackOutcome) -> bool | None:
    """Compare; None where nothing was predicted, or the attack was not reached.

    A refusal counts only with an error that was predicted.
    """
    if expected.allowed is None or outcome.allowed is None:
        return None
    if outcome.allowed != expected.allowed:
        return False
    return outcome.allowed or outcome.error in expected.errors
