"""Two containers with one UID are one user to the node.

What separates them are their file systems and namespaces. Where those have a hole (a hostPath, a volume that
moves from one pod to another, an escape) nothing is left: what the one may read, write, trace or kill, the
other may. A UID of its own for each container keeps a break-in where it happened. Containers that share a
volume are meant to share files, for which one UID is right.

**Fields:** `runAsUser` of container or pod, else USER of an image that is known; across all manifests that
are checked at once. Containers that mount the same volume, claim or path of the node, workloads of the same
name (one of them is another release or environment), init and ephemeral containers, root, and pods with a
user namespace (`hostUsers: false`) are left out. **Source:** the text the project started from, "you should
choose a different UID for each container"; credentials(7).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from ..findings import Finding
from ._text import named
from .model.across import AcrossCheck, Member

_NAMED = 3
_LOOKED_AT = 64
"""How many containers of a UID are compared with one, so that thousands of them stay fast."""


def _find(members: Iterable[Member]) -> Iterator[tuple[int, Finding]]:
    times = Counter(member.user.uid for member in members)
    # by UID, the first container of each workload
    workloads: dict[int, dict[str | int, Member]] = {}
    for member in members:
        if times[member.user.uid] > 1:
            first = workloads.setdefault(member.user.uid, {})
            if len(first) < _LOOKED_AT:
                first.setdefault(_workload(member), member)
    for _, pod in groupby(enumerate(members), key=lambda numbered: numbered[1].pod):
        together = [(index, member) for index, member in pod if times[member.user.uid] > 1]
        for index, member in together:
            uid = member.user.uid
            others = [
                m
                for number, m in together
                if number != index and m.user.uid == uid and not m.user.volumes & member.user.volumes
            ]
            others += [
                m
                for m in workloads[uid].values()
                if _workload(m) != _workload(member) and not m.user.storage & member.user.storage
            ]
            if others:
                yield index, _finding(member, uid, others)


def _workload(member: Member) -> str | int:
    return member.pod if member.workload is None else member.workload


def _finding(member: Member, uid: int, others: list[Member]) -> Finding:
    """Word it: up to three of the others are named."""
    words = [other.words for other in others[:_NAMED]]
    if len(others) > _NAMED:
        words.append("others")
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    user = member.user
    return Finding(
        check=CHECK.id,
        severity=CHECK.severity,
        message=f"{named(user.container.name)} runs as user {uid}, as do{'es' if len(words) == 1 else ''} "
        f"{listed}: give it a runAsUser of its own",
        route=user.route,
        container=user.container,
        label="not this container's alone",
        related=user.related,
        advice=True,
    )


CHECK = AcrossCheck(
    id="shared-user-id",
    summary="containers that run as the same user without sharing a volume",
    find=_find,
)
