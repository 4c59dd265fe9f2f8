"""allowedUnsafeSysctls, forbiddenSysctls: which kernel parameters pods may set; `prefix*` and `*` match many.

What is forbidden comes first, then safe ones pass, then what is allowed though unsafe.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/sysctl/mustmatchpatterns.go.
"""

from collections.abc import Iterable

from ...kube.field_error import Errors, forbidden
from ...kube.go_format import quote
from .pod_mutator import PodMutator
from .policy import PodSecurityPolicy

_SAFE = frozenset(
    (
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start",  # since 1.22
    )
)


def validate_pod(errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Judge each sysctl of the pod."""
    for index, sysctl in enumerate(mutator.own("sysctls") or ()):
        name = sysctl.get("name") or ""
        if _matches(name, policy.spec.forbidden_sysctls):
            word = "sysctl"
        elif name in _SAFE or _matches(name, policy.spec.allowed_unsafe_sysctls):
            continue
        else:
            word = "unsafe sysctl"
        forbidden(
            errors,
            ("spec", "securityContext", "sysctls", index),
            f"{word} {quote(name)} is not allowed",
            field=f"pod.spec.securityContext.sysctls[{index}]",
        )


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(
        name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern for pattern in patterns
    )
