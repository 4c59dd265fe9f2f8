"""Users for containers that must not be root and whose image does not name one by its number.

A user of the image that is known by its number is written out; else a number is guessed. It is the same
whenever the same container is asked about, another one for each container, and one and the same for those
that write to a volume together.
"""

from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from ..edits.edit import Edit
from ..effective.predicted import PredictedContext
from ..effective.users import requested_user, resolve_run_as_non_root
from ..effective.value import Unknown
from ..findings import ContainerRef
from ..kube.pod import Container, Volume
from ..manifest.route import Route, value_at
from .change import PlannedChange, PodToFix
from .words import what_of

__all__ = ["ChosenUser", "UidRange", "plan_users"]

_CHECKS = ("run-as-non-root",)


class ChosenUser(msgspec.Struct, frozen=True):
    """A user that is taken instead of a guessed number, and why."""

    uid: int
    why: str


class UidRange(msgspec.Struct, frozen=True):
    """The users that may be guessed, both ends included."""

    first: int = 10_000
    last: int = 59_999

    def pick(self, *names: str) -> int:
        """Give the one for these names: always the same."""
        digest = sha256("\0".join(names).encode("utf-8", "surrogatepass")).digest()
        return self.first + int.from_bytes(digest[:8], "big") % (self.last - self.first + 1)


def plan_users(
    value: Any,
    pod: PodToFix,
    owner: tuple[str, str, str],
    touched: Collection[Route],
    uids: UidRange,
    chosen: Mapping[ContainerRef, ChosenUser] = {},
) -> Iterator[PlannedChange]:
    """Give users to those containers at `touched` that would not start, or might not, without one.

    `owner` are namespace, kind and name of the object. `chosen` are users that need not be guessed.
    """
    guessed: list[tuple[PredictedContext, int]] = []
    for reference, place, process in zip(pod.containers, pod.places, pod.processes, strict=False):
        if place not in touched or resolve_run_as_non_root(process.placed).value is not True:
            continue
        uid = process.uid.value
        if not isinstance(uid, Unknown) and uid != 0:
            if requested_user(process.placed).name:
                name = requested_user(process.placed).name
                why = f"the image's user {name} is {uid}; the kubelet starts no container by a name"
                yield _change("same", uid, reference, place, why)
            continue
        if reference in chosen:
            guessed.append((process, chosen[reference].uid))
            yield _change("guess", chosen[reference].uid, reference, place, chosen[reference].why)
            continue
        uid = uids.pick(*owner, _shared_with(process, pod))
        guessed.append((process, uid))
        known = "is root" if process.uid.value == 0 else "is not known"
        why = f"the image's user {known}: confirm that the program can run as {uid}"
        yield _change("guess", uid, reference, place, why)
    group = _group_of_volumes(guessed)
    if group is not None and value_at(value, (*pod.spec, "securityContext", "fsGroup")) is None:
        edit = Edit((*pod.spec, "securityContext", "fsGroup"), "set", group[0])
        why = f"volume {group[1]} has to be writable for that user"
        yield PlannedChange("guess", (edit,), what_of((edit,), pod.spec), why, _CHECKS)


def _change(kind: Any, uid: int, reference: ContainerRef, place: Route, why: str) -> PlannedChange:
    edit = Edit((*place, "securityContext", "runAsUser"), "set", uid)
    return PlannedChange(kind, (edit,), what_of((edit,), place), why, _CHECKS, reference)


def _shared_with(process: PredictedContext, pod: PodToFix) -> str:
    """Name the first container of the pod that writes to volumes with this one, or is this one."""
    together = _writable(process.placed.container)
    names = {process.placed.container.name or ""}
    grown = True
    while grown:
        grown = False
        for other in pod.processes:
            container = other.placed.container
            volumes = _writable(container)
            if (container.name or "") not in names and volumes & together:
                names.add(container.name or "")
                together = together | volumes
                grown = True
    return next(ref.name for ref in pod.containers if ref.name in names)


def _writable(container: Container) -> frozenset[str]:
    return frozenset(mount.name or "" for mount in container.volume_mounts or () if not mount.read_only)


def _group_of_volumes(guessed: list[tuple[PredictedContext, int]]) -> tuple[int, str] | None:
    """Give a group, and the first volume that needs it, whose owner is decided outside of the pod."""
    for process, uid in guessed:
        volumes = {volume.name: volume for volume in process.placed.spec.volumes or ()}
        for name in sorted(_writable(process.placed.container)):
            if name in volumes and _is_persistent(volumes[name]):
                return uid, name
    return None


def _is_persistent(volume: Volume) -> bool:
    return volume.persistent_volume_claim is not None or volume.ephemeral is not None
