"""A container whose image names no user runs as root.

Only isolation keeps root in a container from being root on the node: every hole in the runtime or the kernel
and every writable host path counts in full. With `runAsNonRoot: true` the kubelet refuses to start a
container that would be root, so that a USER missing from an image shows at once.

**Restricted fields:** `spec.securityContext.runAsNonRoot` and the same of every container. **Allowed
values:** true for every container, by itself or from the pod; never false, not even where it has no effect.
From v1.35 any value when `hostUsers` is false; at every version on servers 1.29 to 1.34 whose gate
UserNamespacesPodSecurityStandards is on.

**Since:** v1.0, restricted. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_runAsNonRoot.go.
"""

from ..kube.pod import Container, Pod, PodSpec
from ._text import names, setters, who
from .model.pod_security import PodSecurityCheck, Spot, Violation, except_in_user_namespace, set_value

_ROUTE = ("securityContext", "runAsNonRoot")


def _evaluate(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    sc = spec.security_context
    at_pod = sc.run_as_non_root if sc is not None else None
    explicit: list[Container] = []
    implicit: list[Container] = []
    for c in containers:
        csc = c.security_context
        value = csc.run_as_non_root if csc is not None else None
        if value is None:
            if not at_pod:
                implicit.append(c)
        elif not value:
            explicit.append(c)
    if explicit or at_pod is False:
        return Violation(
            "runAsNonRoot != true",
            f"{setters(at_pod is False, explicit)} must not set securityContext.runAsNonRoot=false",
            lambda: _explicit(at_pod is False, explicit),
        )
    if implicit:
        return Violation(
            "runAsNonRoot != true",
            f"pod or {names(implicit)} must set securityContext.runAsNonRoot=true",
            lambda: [
                Spot(
                    c,
                    _ROUTE,
                    f"{who(c)} may run as root: set runAsNonRoot: true",
                    "runAsNonRoot is set neither here nor on the pod",
                    set_value(_ROUTE, True),
                )
                for c in implicit
            ],
        )
    return None


def _explicit(pod: bool, containers: list[Container]) -> list[Spot]:
    spots = [
        Spot(c, _ROUTE, f"{who(c)} must not set runAsNonRoot: false", "write true", set_value(_ROUTE, True))
        for c in containers
    ]
    if pod:
        route = ("spec", *_ROUTE)
        message = "pod must not set runAsNonRoot: false"
        spots.insert(0, Spot(None, route, message, "write true", set_value(route, True)))
    return spots


CHECK = PodSecurityCheck(
    id="run-as-non-root",
    upstream_id="runAsNonRoot",
    summary="containers that may run as root",
    level="restricted",
    versions=((0, _evaluate), (35, except_in_user_namespace(_evaluate))),
    relaxed_since=29,
)
