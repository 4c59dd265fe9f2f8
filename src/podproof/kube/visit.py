"""The one walk over a pod's containers, in the API server's order: init, regular, ephemeral.

A pod spec comes in, typed, decoded or as it is written; every container goes out with its kind and its route.
Source: kubernetes 1.37.2 pkg/apis/core/pods/helpers.go, VisitContainersWithPath.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ..manifest.route import Route
from .pod import Container, PodSpec

__all__ = [
    "CONTAINER_FIELDS",
    "INIT_CONTAINERS",
    "REGULAR_FIRST",
    "WITHOUT_EPHEMERAL",
    "ContainerField",
    "ContainerKind",
    "ContainerMapping",
    "is_sidecar",
    "list_containers",
    "visit_containers",
    "visit_mappings",
    "visit_written",
]

ContainerKind = Literal["container", "init", "sidecar", "ephemeral"]
"""What a container is in its pod: a regular container is `container`, an init container that stays beside the
regular ones (`restartPolicy: Always`) is a sidecar."""

ContainerField = Literal["initContainers", "containers", "ephemeralContainers"]

CONTAINER_FIELDS: tuple[ContainerField, ...] = ("initContainers", "containers", "ephemeralContainers")
"""The fields of a pod spec that list containers, in the order of the walk."""

WITHOUT_EPHEMERAL: tuple[ContainerField, ...] = ("initContainers", "containers")
"""The containers that a pod is made with: what asks for resources and is restarted."""

REGULAR_FIRST: tuple[ContainerField, ...] = ("containers", "initContainers")
"""The same in the order of those rules of the API server that have one loop for each list: changes of pods,
resizes, blanks around images."""

INIT_CONTAINERS: tuple[ContainerField, ...] = ("initContainers",)
"""Init containers and sidecars."""

ContainerMapping = dict[str, Any]
"""A container with the API's field names."""


def is_sidecar(init_container: Mapping[str, Any]) -> bool:
    """Say whether an init container stays beside the regular ones, for who walks init containers alone.

    Source: kubernetes pkg/kubelet/util/podutils, IsRestartableInitContainer.
    """
    return _kind_of_init(init_container.get("restartPolicy")) == "sidecar"


def visit_containers(spec: PodSpec | None) -> Iterator[tuple[ContainerKind, Container, Route]]:
    """Yield every container of a typed spec; routes are counted from the Pod object."""
    if spec is None:
        return
    for index, container in enumerate(spec.init_containers or ()):
        yield _kind_of_init(container.restart_policy), container, ("spec", "initContainers", index)
    for index, container in enumerate(spec.containers or ()):
        yield "container", container, ("spec", "containers", index)
    for index, container in enumerate(spec.ephemeral_containers or ()):
        yield "ephemeral", container, ("spec", "ephemeralContainers", index)


def list_containers(spec: PodSpec) -> tuple[Container, ...]:
    """Return the containers of the walk alone, for who judges thousands of pods a second."""
    init, ephemeral = spec.init_containers, spec.ephemeral_containers
    regular = spec.containers or ()
    if init:
        regular = init + regular
    return regular + ephemeral if ephemeral else regular


def visit_mappings(
    spec: Mapping[str, Any], route: Route = ("spec",), fields: tuple[ContainerField, ...] = CONTAINER_FIELDS
) -> Iterator[tuple[ContainerKind, ContainerMapping, Route]]:
    """Yield every container of a decoded spec, whose own route is `route`; `fields` says in which lists."""
    for field in fields:
        for index, container in enumerate(spec.get(field) or ()):
            kind = "container" if field == "containers" else _kind(field, container)
            yield kind, container, (*route, field, index)


def visit_written(
    spec: Mapping[str, Any], route: Route = ("spec",), fields: tuple[ContainerField, ...] = CONTAINER_FIELDS
) -> Iterator[tuple[ContainerKind, ContainerMapping, Route]]:
    """Do what `visit_mappings` does with a spec as it is written: what is not a container is left out."""
    for field in fields:
        containers = spec.get(field)
        for index, container in enumerate(containers if isinstance(containers, list) else ()):
            if isinstance(container, dict):
                yield _kind(field, container), container, (*route, field, index)


def _kind(field: ContainerField, container: Mapping[str, Any]) -> ContainerKind:
    if field == "initContainers":
        return _kind_of_init(container.get("restartPolicy"))
    return "container" if field == "containers" else "ephemeral"


def _kind_of_init(restart_policy: object) -> ContainerKind:
    return "sidecar" if restart_policy == "Always" else "init"
