"""seLinux: which SELinux label pods and containers run with.

MustRunAs writes the policy's options where none are set, and then demands each of the four parts; of a level,
the categories may stand in any order.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/selinux/mustrunas.go.
"""

from typing import Any

from ...kube.field_error import Errors, invalid, required
from ...manifest.route import Route
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy

_KEY = "seLinuxOptions"
_ORIGIN = "seLinux.seLinuxOptions"


def default_pod(policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Write the options where the pod has none."""
    if policy.spec.se_linux.rule == "MustRunAs" and mutator.own(_KEY) is None:
        mutator.set(_KEY, dict(policy.spec.se_linux.se_linux_options or {}), _ORIGIN)


def default_container(policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator) -> None:
    """Write the options where the container has no effective ones."""
    if policy.spec.se_linux.rule == "MustRunAs" and mutator.effective(container, _KEY) is None:
        mutator.set_on(container, _KEY, dict(policy.spec.se_linux.se_linux_options or {}), _ORIGIN)


def validate_pod(errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Judge the pod's options."""
    _judge(errors, policy, mutator.own(_KEY), ("spec", "securityContext", _KEY))


def validate_container(
    errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator
) -> None:
    """Judge the container's effective options."""
    _judge(errors, policy, mutator.effective(container, _KEY), (*container.route, "securityContext", _KEY))


def _judge(errors: Errors, policy: PodSecurityPolicy, options: dict[str, Any] | None, route: Route) -> None:
    if policy.spec.se_linux.rule != "MustRunAs":
        return
    if options is None:
        required(errors, route)
        return
    wanted = policy.spec.se_linux.se_linux_options or {}
    for part in ("level", "role", "type", "user"):
        want, has = wanted.get(part) or "", options.get(part) or ""
        if want != has and not (part == "level" and _same_level(want, has)):
            invalid(errors, (*route, part), has, f"must be {want}")


def _same_level(want: str, has: str) -> bool:
    """Compare two levels `sensitivity:category,category`, whatever the order of the categories."""
    want_sensitivity, want_colon, want_categories = want.partition(":")
    has_sensitivity, has_colon, has_categories = has.partition(":")
    return bool(
        want_colon
        and has_colon
        and want_sensitivity == has_sensitivity
        and sorted(want_categories.split(",")) == sorted(has_categories.split(","))
    )
