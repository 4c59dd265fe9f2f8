"""What checks across all manifests need: the users of containers, and which containers share what.

One running pod comes in, a few facts about each of its containers go out, small enough to be kept for every
pod of a run. Such a check gets the facts of all pods at the end; it sees no manifest and no place.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar

import msgspec

from ...effective.value import known
from ...findings import ContainerRef, Finding, Route, Severity
from .._host_path import host_mounts
from .._linux import linux_containers
from .._text import named
from .._users import user_route
from .advice import name_of
from .check import Check
from .effect import Running

__all__ = ["AcrossCheck", "ContainerUser", "Member", "users_of"]


class ContainerUser(msgspec.Struct, frozen=True, gc=False):
    """A container (or sidecar) that runs as a known user other than root.

    `route` is where that is said, counted from the pod object. `volumes` are the names it mounts, `storage`
    names what other pods can mount too: claims and paths of the node.
    """

    container: ContainerRef
    route: Route
    uid: int
    volumes: frozenset[str]
    storage: frozenset[str]
    related: tuple[Route, ...] = ()


class Member(msgspec.Struct, frozen=True, gc=False):
    """A container among all that were given: the number of its pod, its workload and how to call it.

    `workload` is what makes two pods the same one in two files (an overlay, another release), `whose` names
    it after the container's name ("" for nobody's), `file` and `line` are where the container's user is set.
    """

    pod: int
    workload: str | None
    whose: str
    file: str
    line: int
    user: ContainerUser

    @property
    def words(self) -> str:
        """Call the container by its name, its workload and its place."""
        return f"{named(self.user.container.name)}{self.whose} ({self.file}:{self.line})"


class AcrossCheck(Check, frozen=True, kw_only=True):
    """A check over all pods.

    `find` gets the members, those of one pod beside each other, and may walk them several times; there may be
    more of them than fit into memory at once. It yields in their order the index of a member and the finding
    about it, whose route is the member's. Members that no other shares its UID with may be left out.
    """

    kind: ClassVar[str] = "advice"

    severity: Severity = Severity.NOTE
    find: Callable[[Iterable[Member]], Iterator[tuple[int, Finding]]]


def users_of(running: Running, claims: Mapping[str, str], namespace: str | None) -> Iterator[ContainerUser]:
    """Walk the containers whose user is known and is the same user on the node.

    Init containers are left out, since they have ended when the others run. `claims` maps volumes to the
    names of their PersistentVolumeClaims.
    """
    for placed, context in linux_containers(running):
        uid = known(context.uid.value)
        if not uid or placed.kind not in ("container", "sidecar") or context.user_namespace.value == "own":
            continue
        route, related = user_route(placed, context)
        volumes = frozenset(mount.name or "" for mount in placed.container.volume_mounts or ())
        storage = {f"node:{mount.path}" for mount in host_mounts(placed)}
        storage |= {f"claim:{namespace or ''}/{claims[name]}" for name in volumes if name in claims}
        container = name_of(placed)
        yield ContainerUser(container, (*placed.route, *route), uid, volumes, frozenset(storage), related)
