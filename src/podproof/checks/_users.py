"""Which user a container runs as, and where a manifest or an image says so.

A container in its pod and its context come in, words and routes go out; nothing is judged.
"""

from ..effective.container_in_pod import ContainerInPod
from ..effective.predicted import PredictedContext
from ..effective.users import resolve_run_as_non_root
from ..findings import Route

__all__ = ["never_root", "user_route"]


def never_root(placed: ContainerInPod, context: PredictedContext) -> str | None:
    """Name the user of a process that is not root if it starts; None: it is, or may be."""
    uid = context.uid.value
    if isinstance(uid, int):
        return f"user {uid}, who is not root" if uid else None
    # the kubelet starts no root with it, whoever the image's user is
    return "a user who is not root" if resolve_run_as_non_root(placed).value is True else None


def user_route(placed: ContainerInPod, context: PredictedContext) -> tuple[Route, tuple[Route, ...]]:
    """Give a route in the container, and routes in the pod that decide.

    A container that says nothing itself is pointed at where it would say it.
    """
    origin = context.uid.origin
    if origin.kind == "image":
        return ("image",), ()
    route: Route = ("securityContext", "runAsUser")
    if origin.route[: len(placed.route)] == placed.route:
        return origin.route[len(placed.route) :], ()
    return route, (origin.route,) if origin.route else ()
