"""A UID below 1000 is root or a system user, and the same number is somebody on the node.

Unless the pod has a user namespace (`hostUsers: false`), the kernel knows no difference between a
container's user 33 and the node's: what that user owns there can be reached through a hostPath, and after an
escape. From 1000 on a number is no system user of a usual distribution; from 10000 on it is rarely anybody.

**Fields:** `runAsUser` of container or pod, else USER of an image that is known, where the user will be one
of 0 to 999 and the pod has the node's user namespace. **Source:** the text the project started from, "values
of 1000 or above"; login.defs(5), UID_MIN; kubernetes.io, "User Namespaces".
"""

from collections.abc import Iterator

from ..effective.value import known
from ._advice import AdviceCheck, Finding, Running, advise
from ._linux import linux_containers
from ._text import who
from ._users import user_route

_FIRST_ORDINARY = 1000
"""Source: login.defs(5), UID_MIN."""


def _find(running: Running) -> Iterator[Finding]:
    for subject, context in linux_containers(running):
        uid = known(context.uid.value)
        if uid is None or uid >= _FIRST_ORDINARY or context.namespaces.user.value == "own":
            continue
        because = f" ({context.uid.origin.text})" if context.uid.origin.kind == "image" else ""
        whom = "root" if uid == 0 else f"user {uid}, below 1000"
        route, related = user_route(subject, context)
        yield advise(
            CHECK,
            subject,
            route,
            f"{who(subject.container)} runs as {whom}{because}: set runAsUser to 1000 or above",
            label="the number of another user, 1000 or above",
            related=related,
        )


CHECK = AdviceCheck(
    id="low-user-id",
    summary="containers that run as root or as a system user",
    find=_find,
    covered_by=("run-as-user", "run-as-non-root", "will-not-start", "weakened-by-container"),
)
