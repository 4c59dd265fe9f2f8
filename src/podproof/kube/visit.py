"""The one walk over a pod's containers, in the API server's order: init, regular, ephemeral.

A pod spec comes in, typed or as a mapping; every container goes out with its kind and its route.
Source: kubernetes 1.37.2 pkg/apis/core/pods/helpers.go, VisitContainersWithPath.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ..manifest.route import Route
from .pod import Container, Pod

__all__ = [
    "CONTAINER_FIELDS",
    "ContainerKind",
    "ContainerMapping",
    "is_sidecar",
    "visit_containers",
    "visit_mappings",
]

ContainerKind = Literal["container", "init", "sidecar", "ephemeral"]
"""What a container is in its pod: a regular container is `container`; a sidecar is an init container that
stays (`restartPolicy: Always`)."""

ContainerField = Literal["initContainers", "containers", "ephemeralContainers"]

CONTAINER_FIELDS: tuple[ContainerField, ...] = ("initContainers", "containers", "ephemeralContainers")
"""The fields of a pod spec that list containers, in the order of the walk."""

ContainerMapping = dict[str, Any]
"""A container as the API has it: decoded, with the API's field names."""


def is_sidecar(init_container: Mapping[str, Any]) -> bool:
    """Say whether an init container stays beside the regular ones.

    Source: kubernetes pkg/kubelet/util/podutils, IsRestartableInitContainer.
    """
    return init_container.get("restartPolicy") == "Always"


def visit_containers(pod: Pod) -> Iterator[tuple[ContainerKind, Container, Route]]:
    """Yield every container of a typed pod; routes are counted from the pod object."""
    spec = pod.spec
    if spec is None:
        return
    for index, container in enumerate(spec.init_containers or ()):
        kind: ContainerKind = "sidecar" if container.restart_policy == "Always" else "init"
        yield kind, container, ("spec", "initContainers", index)
    for index, container in enumerate(spec.containers or ()):
        yield "container", container, ("spec", "containers", index)
    for index, container in enumerate(spec.ephemeral_containers or ()):
        yield "ephemeral", container, ("spec", "ephemeralContainers", index)


def visit_mappings(
    spec: Mapping[str, Any], route: Route = ("spec",)
) -> Iterator[tuple[ContainerKind, ContainerMapping, Route]]:
    """Yield every container of a decoded pod spec; `route` is the spec's own, from which theirs are made."""
    for index, container in enumerate(spec.get("initContainers") or ()):
        kind: ContainerKind = "sidecar" if is_sidecar(container) else "init"
        yield kind, container, (*route, "initContainers", index)
    for index, container in enumerate(spec.get("containers") or ()):
        yield "container", container, (*route, "containers", index)
    for index, container in enumerate(spec.get("ephemeralContainers") or ()):
        yield "ephemeral", container, (*route, "ephemeralContainers", index)
