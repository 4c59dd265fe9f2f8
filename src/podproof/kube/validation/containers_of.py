"""Walk the containers of a pod spec in the API server's order: init, regular, ephemeral.

Source: kubernetes 1.37.2 pkg/apis/core/pods/helpers.go, VisitContainersWithPath.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ...manifest.route import Route

KINDS = ("initContainers", "containers", "ephemeralContainers")


def all_containers(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every container."""
    for kind in KINDS:
        yield from spec.get(kind) or ()


def container_with_route(spec: Mapping[str, Any], route: Route) -> Iterator[tuple[dict[str, Any], Route]]:
    """Yield every container with its route; `route` is the pod spec's."""
    for kind in KINDS:
        for index, container in enumerate(spec.get(kind) or ()):
            yield container, (*route, kind, index)
