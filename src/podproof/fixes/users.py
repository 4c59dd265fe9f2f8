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
from ..kube.pod import Volume
from ..manifest.route import Route, value_at
from .change import PlannedChange, PodToFix
from .words import what_of

__all__ = ["ChosenUser", "UidRange", "foresee_users", "plan_users"]

_CHECKS = ("run-as-non-root",)
_CONTEXT = "securityContext"


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
        digest = sha256("\0".join(names).encode(errors="surrogatepass")).digest()
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
    writers = _first_writers(pod)
    those = zip(pod.containers, pod.places, pod.processes, writers, strict=False)
    for reference, place, process, writer in those:
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
        uid = uids.pick(*owner, writer)
        guessed.append((process, uid))
        known = "is root" if process.uid.value == 0 else "is not known"
        why = f"the image's user {known}: confirm that the program can run as {uid}"
        yield _change("guess", uid, reference, place, why)
    group = _group_of_volumes(guessed)
    if group is not None and value_at(value, (*pod.spec, "securityContext", "fsGroup")) is None:
        edit = Edit((*pod.spec, "securityContext", "fsGroup"), "set", group[0])
        why = f"volume {group[1]} has to be writable for that user"
        yield PlannedChange("guess", (edit,), what_of((edit,), pod.spec), why, _CHECKS)


def foresee_users(pod: PodToFix, value: Any) -> PodToFix:
    """Give the pod with the users that its containers have when the object has become `value`.

    Only `runAsUser` and `runAsNonRoot` are looked at, so that the judge need not be asked in between.
    """
    return msgspec.structs.replace(
        pod,
        processes=tuple(
            _foresee(process, value_at(value, (*place, _CONTEXT)), value_at(value, (*pod.spec, _CONTEXT)))
            for place, process in zip(pod.places, pod.processes, strict=False)
        ),
    )


def _foresee(process: PredictedContext, own: Any, of_pod: Any) -> PredictedContext:
    placed = process.placed
    (user, non_root), (pod_user, pod_non_root) = _asked(own), _asked(of_pod)
    context, above = placed.context, placed.pod_context
    if (context.run_as_user, context.run_as_non_root) == (user, non_root) and (
        (above.run_as_user, above.run_as_non_root) == (pod_user, pod_non_root)
    ):
        return process
    replaced = msgspec.structs.replace(
        placed,
        context=msgspec.structs.replace(context, run_as_user=user, run_as_non_root=non_root),
        pod_context=msgspec.structs.replace(above, run_as_user=pod_user, run_as_non_root=pod_non_root),
    )
    return PredictedContext(replaced)


def _asked(context: Any) -> tuple[int | None, bool | None]:
    """Give runAsUser and runAsNonRoot; what has a wrong type is none."""
    fields = context if isinstance(context, Mapping) else {}
    user, non_root = fields.get("runAsUser"), fields.get("runAsNonRoot")
    return user if type(user) is int else None, non_root if isinstance(non_root, bool) else None


def _change(kind: Any, uid: int, reference: ContainerRef, place: Route, why: str) -> PlannedChange:
    edit = Edit((*place, "securityContext", "runAsUser"), "set", uid)
    return PlannedChange(kind, (edit,), what_of((edit,), place), why, _CHECKS, reference)


def _first_writers(pod: PodToFix) -> list[str]:
    """Name for each container the first that writes to volumes with it, or with one that does; or itself."""
    leaders = list(range(len(pod.processes)))

    def leader(index: int) -> int:
        while leaders[index] != index:
            leaders[index] = index = leaders[leaders[index]]
        return index

    mounts = [_writable(process) for process in pod.processes]
    whole = {name for those in mounts for name, part in those if not part}
    writers: dict[tuple[str, str], int] = {}  # by volume and part of it, one that writes to it
    for index, those in enumerate(mounts):
        for name, part in those:
            own, other = (
                leader(index),
                leader(writers.setdefault((name, "" if name in whole else part), index)),
            )
            leaders[max(own, other)] = min(own, other)
    return [pod.containers[leader(index)].name for index in leaders]


def _writable(process: PredictedContext) -> list[tuple[str, str]]:
    """Give the volumes that a container may write to, by their names, each with the part that is mounted.

    The part is "" for the whole volume. What Kubernetes writes into volumes, such as secrets, nobody else
    writes.
    """
    volumes = {volume.name: volume for volume in process.placed.spec.volumes or ()}
    return sorted(
        (mount.name, mount.sub_path or mount.sub_path_expr or "")
        for mount in process.placed.container.volume_mounts or ()
        if mount.name and not mount.read_only and not _is_written_by_kubernetes(volumes.get(mount.name))
    )


def _is_written_by_kubernetes(volume: Volume | None) -> bool:
    if volume is None:
        return False
    sources = (volume.secret, volume.config_map, volume.downward_api, volume.projected, volume.image)
    return any(source is not None for source in sources)


def _group_of_volumes(guessed: list[tuple[PredictedContext, int]]) -> tuple[int, str] | None:
    """Give a group, and the first volume that needs it, whose owner is decided outside of the pod."""
    for process, uid in guessed:
        volumes = {volume.name: volume for volume in process.placed.spec.volumes or ()}
        for name, _ in _writable(process):
            if name in volumes and _is_persistent(volumes[name]):
                return uid, name
    return None


def _is_persistent(volume: Volume) -> bool:
    return volume.persistent_volume_claim is not None or volume.ephemeral is not None
