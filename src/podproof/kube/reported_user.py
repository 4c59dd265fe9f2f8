"""The users that a node reports of running containers, as a stored pod's status has them.

A Pod as a mapping comes in; by container name, the user of its first process goes out, with the route of the
report. What has another shape is left out. Nothing is judged here.
Source: k8s.io/api v0.37.2 core/v1/types.go, ContainerUser and LinuxContainerUser.
"""

from collections.abc import Mapping
from typing import Any, TypeGuard

import msgspec

from ..manifest.route import Route

__all__ = ["ReportedUser", "reported_users"]

_STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


class ReportedUser(msgspec.Struct, frozen=True, gc=False):
    """User, group and supplementary groups that the first process of a container was started with."""

    uid: int
    gid: int
    groups: tuple[int, ...]
    route: Route


def reported_users(pod: Any) -> dict[str, ReportedUser]:
    """Read who runs in a pod, by container name; empty where no status says so."""
    status = pod.get("status") if isinstance(pod, Mapping) and pod.get("kind") == "Pod" else None
    users: dict[str, ReportedUser] = {}
    if not isinstance(status, Mapping):
        return users
    for field in _STATUSES:
        statuses = status.get(field)
        for index, one in enumerate(statuses if isinstance(statuses, list) else ()):
            linux = _mapping(_mapping(_mapping(one).get("user")).get("linux"))
            name, uid, gid = _mapping(one).get("name"), linux.get("uid"), linux.get("gid")
            groups = linux.get("supplementalGroups") or []
            if isinstance(name, str) and _is_id(uid) and _is_id(gid) and isinstance(groups, list):
                numbers = tuple(sorted({gid, *(group for group in groups if _is_id(group))}))
                route = ("status", field, index, "user", "linux")
                users[name] = ReportedUser(uid, gid, numbers, route)
    return users


def _is_id(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
