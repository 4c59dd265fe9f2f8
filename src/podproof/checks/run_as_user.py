"""`runAsUser: 0` asks for root by number.

With `runAsNonRoot: true` beside it the API server accepts the pod and the kubelet never starts it; without,
it runs as root whatever the image says.

**Restricted fields:** `spec.securityContext.runAsUser` and the same of every container. **Allowed values:**
unset, anything but 0. From v1.35 any value when `hostUsers` is false;
at every version on servers 1.29 to 1.34 whose gate UserNamespacesPodSecurityStandards is on.

**Since:** v1.23, restricted. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_runAsUser.go.
"""

from collections.abc import Iterator

from ..kube.pod import Container, Pod, PodSecurityContext, PodSpec, SecurityContext
from ._text import setters, who
from .model.pod_security import (
    PodSecurityCheck,
    Spot,
    Violation,
    When,
    except_in_user_namespace,
    remove_value,
)

_ROUTE = ("securityContext", "runAsUser")


def _evaluate(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    sc = spec.security_context
    at_pod = sc is not None and sc.run_as_user == 0
    bad: list[Container] = []
    for c in containers:
        csc = c.security_context
        if csc is not None and csc.run_as_user == 0:
            bad.append(c)
    if not bad and not at_pod:
        return None
    return Violation(
        "runAsUser=0", f"{setters(at_pod, bad)} must not set runAsUser=0", lambda: _spots(at_pod, bad)
    )


def _spots(at_pod: bool, bad: list[Container]) -> Iterator[Spot]:
    label = "write the number of another user, 1000 or above"
    if at_pod:
        route = ("spec", *_ROUTE)
        yield Spot(None, route, "pod must not run as user 0, which is root", label, remove_value(route))
    for c in bad:
        yield Spot(c, _ROUTE, f"{who(c)} must not run as user 0, which is root", label, remove_value(_ROUTE))


CHECK = PodSecurityCheck(
    id="run-as-user",
    upstream_id="runAsUser",
    summary="containers told to run as root",
    level="restricted",
    versions=((23, _evaluate), (35, except_in_user_namespace(_evaluate))),
    relaxed_since=29,
    when=When(((PodSecurityContext, "run_as_user"), (SecurityContext, "run_as_user"))),
)
