"""Without a profile there is no seccomp filter, unless the kubelet is configured to set one.

A container without a seccomp profile may make every system call. Restricted wants the runtime's profile, or
one of the node's own, to be named by the pod or by each container; a container's profile replaces the
pod's.

**Restricted fields:** `seccompProfile.type` in the security context of the pod and of every container.
**Allowed values:** `RuntimeDefault`, `Localhost`, by each container itself or from the pod. From v1.25 not
for pods with `spec.os.name: windows`.

**Since:** v1.19, restricted; replaces `seccomp-profile-baseline`. **Source:** Pod Security Standards;
k8s.io/pod-security-admission, policy/check_seccompProfile_restricted.go.
"""

from ..kube.pod import Container, Pod, PodSpec
from ._exemptions import except_windows
from ._seccomp import CONFINING, ROUTE, confining, explicit
from ._text import names, who
from .model.pod_security import PodSecurityCheck, Spot, Violation


def _evaluate(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    violation = explicit(spec, containers)
    if violation is not None:
        return violation
    sc = spec.security_context
    if sc is not None and sc.seccomp_profile is not None and sc.seccomp_profile.type in CONFINING:
        return None
    bad = [c for c in containers if (csc := c.security_context) is None or csc.seccomp_profile is None]
    if not bad:
        return None
    return Violation(
        "seccompProfile",
        f"pod or {names(bad)} must set securityContext.seccompProfile.type to "
        '"RuntimeDefault" or "Localhost"',
        lambda: [
            Spot(
                c,
                ROUTE,
                f"{who(c)} must set seccompProfile.type to RuntimeDefault or Localhost",
                "seccompProfile is set neither here nor on the pod",
                confining(spec, ROUTE[:-1]),
            )
            for c in bad
        ],
    )


CHECK = PodSecurityCheck(
    id="seccomp-profile-restricted",
    upstream_id="seccompProfile_restricted",
    summary="containers without a seccomp profile",
    level="restricted",
    versions=((19, _evaluate), (25, except_windows(_evaluate))),
    overrides=("seccompProfile_baseline",),
)
