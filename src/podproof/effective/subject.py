"""One container of one pod, with the routes of its fields: what every rule of this room is asked about."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Literal

import msgspec

from ..kube.pod import Container, Pod, PodSecurityContext, PodSpec, SecurityContext
from ..kube.versions import NEWEST
from ..manifest.route import Route
from .image import ImageConfig
from .node import Node
from .runtime import DEFAULT_RUNTIME, RUNTIMES, RuntimeProfile
from .value import Origin, OriginKind

__all__ = ["POD_CONTEXT", "ContainerKind", "Provenance", "Subject", "containers_of", "make_subject"]

ContainerKind = Literal["container", "init", "sidecar", "ephemeral"]

Provenance = Mapping[Route, Origin]
"""Edits that a policy made: the route it set (or an ancestor of it) in the Pod object, and who it was."""

_UNKNOWN_NODE = Node()
_NO_SPEC = PodSpec()
_NO_POD_CONTEXT = PodSecurityContext()
_NO_CONTEXT = SecurityContext()

POD_CONTEXT: Route = ("spec", "securityContext")
"""The pod's security context, counted from the Pod object."""


class Subject(msgspec.Struct, frozen=True, gc=False):
    """A container with all that decides about it. `image` None means unknown; `route` is the container's.

    `spec`, `pod_context` and `context` are the pod's and the container's own, empty ones where they are
    absent; `make_subject` takes them out once, since every rule asks for them.
    """

    pod: Pod
    container: Container
    kind: ContainerKind
    route: Route
    image: ImageConfig | None
    node: Node
    runtime: RuntimeProfile
    version: int
    provenance: Provenance
    spec: PodSpec
    pod_context: PodSecurityContext
    context: SecurityContext
    privileged: bool

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
        return _by_runtime(self.runtime.name, text)

    def _traced(self, kind: OriginKind, route: Route, text: str) -> Origin:
        if self.provenance:
            for length in range(len(route), 0, -1):
                origin = self.provenance.get(route[:length])
                if origin is not None:
                    return origin
        return Origin(kind, route, text)


@lru_cache(maxsize=128)
def _by_runtime(name: str, text: str) -> Origin:
    return Origin("runtime", (), f"{name}: {text}")


def make_subject(
    container: Container,
    pod: Pod,
    image: ImageConfig | None = None,
    *,
    route: Route,
    kind: ContainerKind = "container",
    node: Node = _UNKNOWN_NODE,
    runtime: RuntimeProfile = RUNTIMES[DEFAULT_RUNTIME],
    version: int = NEWEST,
    provenance: Provenance | None = None,
) -> Subject:
    """Put together all that decides about one container; `version` is the kubelet's minor release."""
    spec = pod.spec or _NO_SPEC
    context = container.security_context or _NO_CONTEXT
    return Subject(
        pod=pod,
        container=container,
        kind=kind,
        route=route,
        image=image,
        node=node,
        runtime=runtime,
        version=version,
        provenance=provenance or {},
        spec=spec,
        pod_context=spec.security_context or _NO_POD_CONTEXT,
        context=context,
        privileged=context.privileged is True,
    )


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
