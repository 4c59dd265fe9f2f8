"""One container of one pod, with the routes of its fields: what every rule of this room is asked about."""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from ..kube.pod import Container, Pod, PodSecurityContext, PodSpec, SecurityContext
from ..manifest.route import Route
from .image import ImageConfig
from .node import Node
from .runtime import RuntimeProfile
from .value import Origin, OriginKind

__all__ = ["ContainerKind", "Provenance", "Subject", "containers_of"]

ContainerKind = Literal["container", "init", "sidecar", "ephemeral"]

Provenance = Mapping[Route, Origin]
"""Edits that a policy made: the route it set (or an ancestor of it) in the Pod object, and who it was."""

_NO_SPEC = PodSpec()
_NO_POD_CONTEXT = PodSecurityContext()
_NO_CONTEXT = SecurityContext()

POD_CONTEXT: Route = ("spec", "securityContext")


class Subject(msgspec.Struct, frozen=True, gc=False):
    """A container with all that decides about it. `image` None means unknown; `route` is the container's."""

    pod: Pod
    container: Container
    kind: ContainerKind
    route: Route
    image: ImageConfig | None
    node: Node
    runtime: RuntimeProfile
    version: int
    provenance: Provenance

    @property
    def spec(self) -> PodSpec:
        return self.pod.spec or _NO_SPEC

    @property
    def pod_context(self) -> PodSecurityContext:
        return self.spec.security_context or _NO_POD_CONTEXT

    @property
    def context(self) -> SecurityContext:
        return self.container.security_context or _NO_CONTEXT

    @property
    def privileged(self) -> bool:
        return self.context.privileged is True

    def in_container(self, *names: str, text: str = "") -> Origin:
        """Name a field of the container's security context as the origin."""
        return self._traced("container", (*self.route, "securityContext", *names), text)

    def in_pod(self, *names: str, text: str = "") -> Origin:
        """Name a field of the pod's security context as the origin."""
        return self._traced("pod", (*POD_CONTEXT, *names), text)

    def in_spec(self, *names: str, text: str = "") -> Origin:
        """Name a field of the pod's spec as the origin."""
        return self._traced("pod", ("spec", *names), text)

    def by_runtime(self, text: str) -> Origin:
        """Name the runtime's default as the origin."""
        return Origin("runtime", (), f"{self.runtime.name}: {text}")

    def _traced(self, kind: OriginKind, route: Route, text: str) -> Origin:
        if self.provenance:
            for length in range(len(route), 0, -1):
                origin = self.provenance.get(route[:length])
                if origin is not None:
                    return origin
        return Origin(kind, route, text)


def containers_of(pod: Pod) -> Iterator[tuple[ContainerKind, Container, Route]]:
    """Walk all containers of a pod in the order in which they start: init and sidecar, regular, ephemeral."""
    spec = pod.spec or _NO_SPEC
    for index, container in enumerate(spec.init_containers or ()):
        kind: ContainerKind = "sidecar" if container.restart_policy == "Always" else "init"
        yield kind, container, ("spec", "initContainers", index)
    for index, container in enumerate(spec.containers or ()):
        yield "container", container, ("spec", "containers", index)
    for index, container in enumerate(spec.ephemeral_containers or ()):
        yield "ephemeral", container, ("spec", "ephemeralContainers", index)
