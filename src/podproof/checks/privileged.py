"""A privileged container is root on the node in all but name.

It holds every capability, sees every device of the host, runs without seccomp and AppArmor and with nothing
of /proc or /sys masked. Whoever gets code to run in it owns the node and every pod on it.

**Restricted fields:** `spec.containers[*].securityContext.privileged`, likewise for initContainers and
ephemeralContainers. **Allowed values:** unset, false.

**Since:** v1.0, baseline. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_privileged.go.
"""

from ..kube.pod import Container, Pod, PodSpec, SecurityContext
from ._text import names, who
from .model.pod_security import PodSecurityCheck, Spot, Violation, When, remove_value

_ROUTE = ("securityContext", "privileged")


def _evaluate(_pod: Pod, _spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    bad: list[Container] = []
    for c in containers:
        sc = c.security_context
        if sc is not None and sc.privileged:
            bad.append(c)
    if not bad:
        return None
    return Violation(
        "privileged",
        f"{names(bad)} must not set securityContext.privileged=true",
        lambda: [
            Spot(
                c,
                _ROUTE,
                f"{who(c)} must not be privileged, has privileged: true",
                "remove it",
                remove_value(_ROUTE),
            )
            for c in bad
        ],
    )


CHECK = PodSecurityCheck(
    id="privileged",
    upstream_id="privileged",
    summary="privileged containers",
    level="baseline",
    versions=((0, _evaluate),),
    when=When(((SecurityContext, "privileged"),)),
)
