"""One policy put to work: the order in which its strategies fill in a pod, and in which they judge it.

A policy and a decoded, defaulted pod come in; a ProviderResult goes out: the edits, and what the policy has
against the edited pod. Which of several policies is chosen is `admission`'s business.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ...kube.field_error import Errors, FieldError
from . import (
    allow_privilege_escalation,
    app_armor,
    capabilities,
    fs_group,
    host_namespaces,
    host_ports,
    privileged,
    proc_mount,
    read_only_root_filesystem,
    run_as_group,
    run_as_user,
    runtime_class,
    se_linux,
    seccomp,
    supplemental_groups,
    sysctls,
    volumes,
)
from .pod_mutator import PodMutator, PolicyEdit
from .policy import PodSecurityPolicy

__all__ = ["ProviderResult", "try_policy"]

# Upstream's orders; they decide which error comes first and what a later default sees.
_DEFAULT_POD = (
    supplemental_groups.default_pod,
    fs_group.default_pod,
    se_linux.default_pod,
    seccomp.default_pod,
    runtime_class.default_pod,
)
_DEFAULT_CONTAINER = (
    run_as_user.default_container,
    run_as_group.default_container,
    se_linux.default_container,
    app_armor.default_container,
    run_as_user.default_non_root,
    capabilities.default_container,
    read_only_root_filesystem.default_container,
    allow_privilege_escalation.default_container,
)
_VALIDATE_POD = (
    fs_group.validate_pod,
    supplemental_groups.validate_pod,
    seccomp.validate_pod,
    se_linux.validate_pod,
    host_namespaces.validate_pod,
    sysctls.validate_pod,
    volumes.validate_pod,
    runtime_class.validate_pod,
)
_VALIDATE_CONTAINER = (
    run_as_user.validate_container,
    run_as_group.validate_container,
    se_linux.validate_container,
    app_armor.validate_container,
    seccomp.validate_container,
    privileged.validate_container,
    proc_mount.validate_container,
    capabilities.validate_container,
    host_ports.validate_container,
    read_only_root_filesystem.validate_container,
    allow_privilege_escalation.validate_container,
)


class ProviderResult(msgspec.Struct, frozen=True):
    """How a pod fares under a policy: what the policy writes, and what it still has against the result."""

    policy: PodSecurityPolicy
    edits: tuple[PolicyEdit, ...]
    errors: tuple[FieldError, ...]

    @property
    def mutates(self) -> bool:
        """Whether the policy changes the pod at all."""
        return bool(self.edits)


def try_policy(policy: PodSecurityPolicy, pod: Mapping[str, Any]) -> ProviderResult:
    """Fill in a copy of the pod and judge it; `policy` must not be broken."""
    mutator = PodMutator(pod, policy.name)
    for default_pod in _DEFAULT_POD:
        default_pod(policy, mutator)
    for container in mutator.containers:
        for default_container in _DEFAULT_CONTAINER:
            default_container(policy, mutator, container)
    errors = Errors()
    for validate_pod in _VALIDATE_POD:
        validate_pod(errors, policy, mutator)
    for container in mutator.containers:
        for validate_container in _VALIDATE_CONTAINER:
            validate_container(errors, policy, mutator, container)
    return ProviderResult(policy, tuple(mutator.edits), tuple(errors))
