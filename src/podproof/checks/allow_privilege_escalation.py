"""Without `allowPrivilegeEscalation: false` a process may gain more privileges than it was started with.

A setuid-root program in the image makes a process of user 1000 root, with every capability of the
container's bounding set. The field sets the kernel's no_new_privs, which ends that. Unset means allowed.

**Restricted fields:** `spec.containers[*].securityContext.allowPrivilegeEscalation`, likewise for
initContainers and ephemeralContainers. **Allowed values:** false. From v1.25 not for pods with
`spec.os.name: windows`.

**Since:** v1.8, restricted. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_allowPrivilegeEscalation.go.
"""

from ..kube.pod import Container, Pod, PodSpec
from ._exemptions import except_windows, is_windows
from ._text import names, who
from .model.pod_security import PodSecurityCheck, Spot, Violation, set_value

_ROUTE = ("securityContext", "allowPrivilegeEscalation")


def _evaluate(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    bad: list[Container] = []
    for c in containers:
        sc = c.security_context
        if sc is None or sc.allow_privilege_escalation is not False:
            bad.append(c)
    if not bad:
        return None
    return Violation(
        "allowPrivilegeEscalation != false",
        f"{names(bad)} must set securityContext.allowPrivilegeEscalation=false",
        lambda: [_spot(c, spec) for c in bad],
    )


def _spot(c: Container, spec: PodSpec) -> Spot:
    fix = set_value(_ROUTE, False) if _settable(c, spec) else None
    sc = c.security_context
    if sc is None or sc.allow_privilege_escalation is None:
        return Spot(
            c,
            _ROUTE,
            f"{who(c)} must set allowPrivilegeEscalation: false",
            "unset means allowed",
            fix,
        )
    return Spot(
        c,
        _ROUTE,
        f"{who(c)} must set allowPrivilegeEscalation: false, has true",
        "write false",
        fix,
    )


def _settable(c: Container, spec: PodSpec) -> bool:
    """Say whether the API server takes false: not on Windows, nor beside what escalates by itself.

    Source: kubernetes pkg/apis/core/validation, ValidateSecurityContext, which knows only this spelling.
    """
    sc = c.security_context
    capabilities = sc.capabilities if sc is not None else None
    added = (capabilities.add if capabilities is not None else None) or ()
    privileged = sc is not None and sc.privileged
    return not (is_windows(spec) or privileged or "CAP_SYS_ADMIN" in added)


CHECK = PodSecurityCheck(
    id="allow-privilege-escalation",
    upstream_id="allowPrivilegeEscalation",
    summary="processes that may gain privileges",
    level="restricted",
    versions=((8, _evaluate), (25, except_windows(_evaluate))),
)
