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

from collections.abc import Iterator, Sequence
from itertools import islice

from ..findings import Finding
from ._text import named
from .model.across import AcrossCheck, Member

_NAMED = 3
_LOOKED_AT = 64
"""How many containers of a UID are compared with one, so that thousands of them stay fast."""


def _find(members: Sequence[Member]) -> Iterator[tuple[int, Finding]]:
    by_uid: dict[int, list[int]] = {}
    for index, member in enumerate(members):
        by_uid.setdefault(member.user.uid, []).append(index)
    for uid, indexes in by_uid.items():
        if len(indexes) < 2:
            continue
        pods: dict[int, list[Member]] = {}
        workloads: dict[str | int, Member] = {}
        for index in indexes:
            member = members[index]
            pods.setdefault(member.pod, []).append(member)
            workloads.setdefault(_workload(member), member)
        elsewhere = list(islice(workloads.values(), _LOOKED_AT))
        for index in indexes:
            member = members[index]
            others = [
                m for m in pods[member.pod] if m is not member and not m.user.volumes & member.user.volumes
            ]
            others += [
                m
                for m in elsewhere
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
