"""Sets the scene of each attacker: what its container should be, what is beside it, what it can find."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ...attacks import write_proc_sys, write_sys
from ...attacks.model.attack import Neighbour, NodeFacts, Owner, Scene
from ...attacks.model.kernel_rules import lacking
from ...attacks.model.seccomp_profile import SeccompRules, parse_rules
from ...effective.context import EffectiveSecurityContext
from ...effective.value import Unknown
from ..observation import ObservationRequest
from ..observation.enforced import Enforced
from ..observation.files import owner_of
from ..pods.values import RunningContainer

__all__ = ["FOLDER", "SCRATCH", "Target", "free_id", "scene_of"]

FOLDER = "/.podproof"
SCRATCH = "/.podproof-room"

_LARGEST_PROFILE = 1 << 20

_LIKED = ("NET_RAW", "NET_BIND_SERVICE", "CHOWN", "SYS_ADMIN")
"""Capabilities that people know come first, where there is a choice."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A container to attack from. `volumes` maps names of volumes that it can write to its paths of them.

    `observed`, `enforced`, `pid` and `inner_pid` (the process as its own PID namespace counts) are None
    for a container that has ended by itself; its attacker stands for it then, and `asked` is what to
    observe of that.
    `capabilities` are those that the node has.
    """

    name: str
    running: RunningContainer
    predicted: EffectiveSecurityContext
    observed: EffectiveSecurityContext | None = None
    enforced: Enforced | None = None
    pid: int | None = None
    inner_pid: int | None = None
    asked: ObservationRequest = ObservationRequest()
    volumes: Mapping[str, str] = {}
    capabilities: tuple[str, ...] | None = None


def free_id(targets: tuple[Target, ...]) -> int:
    """Give a uid and gid that no container of the pod has."""
    taken: set[int] = set()
    for target in targets:
        for field in (target.predicted, target.observed or target.predicted):
            for value in (field.uid.value, field.gid.value):
                if not isinstance(value, Unknown):
                    taken.add(value)
            if not isinstance(field.groups.value, Unknown):
                taken.update(field.groups.value)
    return next(number for number in range(61337, 65000) if number not in taken)


def scene_of(target: Target, targets: tuple[Target, ...], node: NodeFacts, stranger: int) -> Scene:
    """Put together what the attacks of one container depend on."""
    others = tuple(other for other in targets if other is not target)
    # the kernel's files are the same for all; a root that is gone cannot be asked for its owner
    root = Path("/proc") / str(target.pid) / "root" if target.pid is not None else Path("/")
    status = owner_of(root, "/") if target.pid is not None else None
    return Scene(
        container=target.name,
        context=target.predicted,
        node=node,
        root=None if status is None else Owner(status.st_uid, status.st_gid, status.st_mode & 0o7777),
        folder=FOLDER,
        scratch=SCRATCH,
        stranger=stranger,
        file_capability=_given(target.predicted),
        dropped_capability=_dropped(target),
        neighbours=tuple(
            neighbour for other in others if (neighbour := _neighbour(target, other)) is not None
        ),
        shared={other.name: _shared(target, other) for other in others},
        profile=_profile(target.running),
        existing=frozenset(
            path for path in (write_proc_sys.PATH, write_sys.PATH) if owner_of(root, path) is not None
        ),
    )


def _profile(running: RunningContainer) -> SeccompRules | None:
    """Read the Localhost profile that the runtime was asked for; None: none, or it cannot be read."""
    seccomp = running.request.security.seccomp
    if seccomp is None or seccomp.profile_type != "Localhost":
        return None
    try:
        with open(seccomp.localhost_ref, "rb") as file:
            return parse_rules(file.read(_LARGEST_PROFILE))
    except OSError:
        return None


def _liked(names: tuple[str, ...]) -> str | None:
    return next((name for name in (*_LIKED, *names) if name in names), None)


def _given(context: EffectiveSecurityContext) -> str | None:
    bounding = context.capabilities.bounding.value
    return None if isinstance(bounding, Unknown) else _liked(bounding)


def _dropped(target: Target) -> str | None:
    missing = lacking(target.predicted)
    if missing is None:
        return None
    return _liked(tuple(n for n in missing if target.capabilities is None or n in target.capabilities))


def _neighbour(target: Target, other: Target) -> Neighbour | None:
    seen = other.observed or other.predicted
    uid, gid, permitted = seen.uid.value, seen.gid.value, seen.capabilities.permitted.value
    if isinstance(uid, Unknown) or isinstance(gid, Unknown) or isinstance(permitted, Unknown):
        return None
    sharing = target.running.request.security.namespace_options.pid
    pid = other.inner_pid if sharing == "POD" else other.pid
    return Neighbour(other.name, pid, sharing in ("POD", "NODE"), uid, gid, frozenset(permitted))


def _shared(target: Target, other: Target) -> tuple[str, ...]:
    # each has the volume at a path of its own: the neighbour keeps its file where it has it
    return tuple(path for name, path in target.volumes.items() if name in other.volumes)
