"""Where a manifest or an image says which user a container runs as.

A container in its pod and its context come in, routes go out; nothing is judged.
"""

from ..effective.container_in_pod import ContainerInPod
from ..effective.predicted import PredictedContext
from ..findings import Route

__all__ = ["user_route"]


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
