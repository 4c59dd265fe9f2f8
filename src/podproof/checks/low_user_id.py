"""A UID below 1000 is root or a system user, and the same number is somebody on the node.

Unless the pod has a user namespace (`hostUsers: false`), the kernel makes no difference between a container's
user 33 and the node's: what that user owns there can be reached through a hostPath, and after an escape. From
1000 on, no usual distribution has a system user; from 10000 on, a number rarely belongs to anybody.

**Fields:** `runAsUser` of container or pod, else USER of an image that is known, where the user will be one
of 0 to 999 and the pod has the node's user namespace. Root is not reported where it is privileged or adds
capabilities, which only root can use. **Source:** the text the project started from, "values of 1000 or
above"; login.defs(5), UID_MIN; kubernetes.io, "User Namespaces".
"""

from collections.abc import Iterator

from ..effective.container_in_pod import ContainerInPod
from ..effective.predicted import PredictedContext
from ..effective.value import known
from ..findings import Finding, Route
from ._linux import added, linux_containers
from ._text import names, plural, who
from .model.advice import AdviceCheck, advise
from .model.effect import Running

_FIRST_ORDINARY = 1000
"""Source: login.defs(5), UID_MIN."""

_REMEDY = "set runAsUser to 1000 or above"
_LABEL = "the number of another user, 1000 or above"


def _find(running: Running) -> Iterator[Finding]:
    by_pod: list[ContainerInPod] = []
    origin: Route = ()
    uid: int | None = None
    for placed, context in linux_containers(running):
        if not _is_low(placed, context):
            continue
        if context.uid.origin.kind == "pod":
            by_pod.append(placed)
            origin, uid = context.uid.origin.route, known(context.uid.value)
        else:
            yield _own(placed, context)
    if by_pod and uid is not None:
        # what the pod says once is told once
        runs = plural(len(by_pod), "runs", "run")
        message = f"{names([s.container for s in by_pod])} {runs} as {_whom(uid)}: {_REMEDY}"
        yield advise(CHECK, None, origin, message, label=_LABEL)


def _is_low(placed: ContainerInPod, context: PredictedContext) -> bool:
    uid = known(context.uid.value)
    if uid is None or uid >= _FIRST_ORDINARY or context.user_namespace.value == "own":
        return False
    # What is added is for root alone: another user would have none of it.
    return uid != 0 or not (placed.privileged or added(placed))


def _own(placed: ContainerInPod, context: PredictedContext) -> Finding:
    origin = context.uid.origin
    by_image = origin.kind == "image"
    because = f" ({origin.text})" if by_image else ""
    return advise(
        CHECK,
        placed,
        ("image",) if by_image else ("securityContext", "runAsUser"),
        f"{who(placed.container)} runs as {_whom(known(context.uid.value))}{because}: {_REMEDY}",
        label=_LABEL,
    )


def _whom(uid: int | None) -> str:
    return "root" if uid == 0 else f"user {uid}, below 1000"


CHECK = AdviceCheck(
    id="low-user-id",
    summary="containers that run as root or as a system user",
    find=_find,
    covered_by=("run-as-user", "run-as-non-root", "will-not-start", "weakened-by-container"),
    about_pods=True,
)
