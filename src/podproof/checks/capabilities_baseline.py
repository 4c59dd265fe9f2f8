"""Capabilities beyond those that runtimes usually grant reach outside the container.

NET_ADMIN, SYS_ADMIN, SYS_PTRACE and their like let a process reconfigure what it shares with others, or
break out. NET_RAW, which runtimes give by default, may not be *added* either. Names are compared exactly as
written: `CAP_CHOWN` and `chown` are not `CHOWN`.

**Restricted fields:** `spec.containers[*].securityContext.capabilities.add`, likewise for initContainers
and ephemeralContainers. **Allowed values:** AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD,
NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT.

**Since:** v1.0, baseline; `capabilities-restricted` replaces it at restricted from v1.22. **Source:** Pod
Security Standards; k8s.io/pod-security-admission, policy/check_capabilities_baseline.go.
"""

from ..kube.pod import Capabilities, Container, Pod, PodSpec
from ._capabilities import added_spots
from ._text import names, quoted
from .model.pod_security import PodSecurityCheck, Violation, When

ALLOWED = frozenset(
    (
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    )
)
"""Capabilities that baseline lets a container add."""


def _evaluate(_pod: Pod, _spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    bad: list[Container] = []
    added: set[str] = set()
    for c in containers:
        sc = c.security_context
        if sc is None or sc.capabilities is None or not sc.capabilities.add:
            continue
        if ALLOWED.issuperset(sc.capabilities.add):
            continue
        bad.append(c)
        added.update(name for name in sc.capabilities.add if name not in ALLOWED)
    if not bad:
        return None
    return Violation(
        "non-default capabilities",
        f"{names(bad)} must not include {quoted(sorted(added))} in securityContext.capabilities.add",
        lambda: added_spots(bad, ALLOWED, "remove it"),
    )


CHECK = PodSecurityCheck(
    id="capabilities-baseline",
    upstream_id="capabilities_baseline",
    summary="capabilities beyond the usual ones",
    level="baseline",
    versions=((0, _evaluate),),
    when=When(((Capabilities, "add"),)),
)
