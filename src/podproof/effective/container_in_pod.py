"""One container in its pod and its setting, with the routes of its fields: what every rule is asked about."""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from ..kube.pod import Container, Pod, PodSecurityContext, PodSpec, SecurityContext
from ..kube.reported_user import ReportedUser
from ..kube.visit import ContainerKind, visit_containers
from ..manifest.route import Route
from .image import ImageConfig
from .setting import Setting
from .value import Origin, OriginKind

__all__ = ["POD_CONTEXT", "ContainerInPod", "Provenance", "place_container", "place_containers"]

Provenance = Mapping[Route, Origin]
"""Who set or removed what is not as it was written: the route (or an ancestor of it) in the Pod object."""

_UNKNOWN = Setting()
_NO_SPEC = PodSpec()
_NO_POD_CONTEXT = PodSecurityContext()
_NO_CONTEXT = SecurityContext()

POD_CONTEXT: Route = ("spec", "securityContext")
"""The pod's security context, counted from the Pod object."""


class ContainerInPod(msgspec.Struct, frozen=True, gc=False):
    """A container with all that decides about it. `image` None means unknown; `route` is the container's.

    `spec`, `pod_context` and `context` are the pod's and the container's own, empty ones where they are
    absent; `place_container` takes them out once, since every rule asks for them. `reported` is the user that
    the pod's status reports, None where it reports none.
    """

    pod: Pod
    container: Container
    kind: ContainerKind
    route: Route
    image: ImageConfig | None
    setting: Setting
    provenance: Provenance
    spec: PodSpec
    pod_context: PodSecurityContext
    context: SecurityContext
    privileged: bool
    reported: ReportedUser | None = None

    def in_container(self, *names: str, text: str = "") -> Origin:
        """Name a field of the container's security context as the origin."""
        return self._traced("container", (*self.route, "securityContext", *names), text)

    def in_pod(self, *names: str, text: str = "") -> Origin:
        """Name a field of the pod's security context as the origin."""
        return self._traced("pod", (*POD_CONTEXT, *names), text)

    def in_spec(self, *names: str, text: str = "") -> Origin:
        """Name a field of the pod's spec as the origin."""
        return self._traced("pod", ("spec", *names), text)

    def dropped(self, route: Route) -> Origin | None:
        """Say who removed a field that was written; None when nobody did."""
        return self.provenance.get(route) if self.provenance else None

    def by_runtime(self, text: str) -> Origin:
        """Name the runtime's default as the origin."""
        return _by_runtime(self.setting.runtime.name, text)

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


def place_container(
    container: Container,
    pod: Pod,
    setting: Setting = _UNKNOWN,
    *,
    route: Route,
    kind: ContainerKind,
    provenance: Provenance | None = None,
    reported: ReportedUser | None = None,
) -> ContainerInPod:
    """Put a container together with its pod and its setting.

    `route` is the container's, counted from the Pod object. `provenance` maps routes of the pod that a policy
    filled in or the API server dropped to their origins; None: there are none.
    """
    spec = pod.spec or _NO_SPEC
    context = container.security_context or _NO_CONTEXT
    return ContainerInPod(
        pod=pod,
        container=container,
        kind=kind,
        route=route,
        image=setting.images.get(container.image or ""),
        setting=setting,
        provenance=provenance or {},
        spec=spec,
        pod_context=spec.security_context or _NO_POD_CONTEXT,
        context=context,
        privileged=context.privileged is True,
        reported=reported,
    )


def place_containers(
    pod: Pod,
    setting: Setting = _UNKNOWN,
    provenance: Provenance | None = None,
    reported: Mapping[str, ReportedUser] | None = None,
) -> tuple[ContainerInPod, ...]:
    """Do what `place_container` does for every container of the pod, in the order in which they start.

    `reported` has users that the pod's status reports, by container name.
    """
    users = reported or {}
    return tuple(
        place_container(
            container,
            pod,
            setting,
            route=route,
            kind=kind,
            provenance=provenance,
            reported=users.get(container.name or "") if users else None,
        )
        for kind, container, route in visit_containers(pod.spec)
    )
