"""One policy put to work: the order in which its strategies fill in a pod, and in which they judge it.

A policy and a decoded, defaulted pod come in; a ProviderResult goes out: the edits, and what the policy has
against the edited pod. Which of several policies is chosen is `admission`'s business.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec

from ...kube.field_error import Errors, FieldError
from . import (
    allow_privilege_escalation,
    app_armor,
    app_armor_profile,
    capabilities,
    fs_group,
    host_namespaces,
    host_ports,
    host_process,
    privileged,
    proc_mount,
    read_only_root_filesystem,
    run_as_group,
    run_as_user,
    runtime_class,
    se_linux,
    seccomp,
    seccomp_profile,
    supplemental_groups,
    sysctls,
    volumes,
)
from .pod_mutator import ContainerMutator, PodMutator, PolicyEdit
from .policy import PodSecurityPolicy

__all__ = ["OF_THEIR_TIME", "ProviderResult", "Strategies", "strategies_today", "try_policy"]

_PodDefault = Callable[[PodSecurityPolicy, PodMutator], None]
_ContainerDefault = Callable[[PodSecurityPolicy, PodMutator, ContainerMutator], None]
_PodJudge = Callable[[Errors, PodSecurityPolicy, PodMutator], None]
_ContainerJudge = Callable[[Errors, PodSecurityPolicy, PodMutator, ContainerMutator], None]


class Strategies(msgspec.Struct, frozen=True):
    """What fills in and judges, in an order that decides which error comes first and what a default sees."""

    default_pod: tuple[_PodDefault, ...]
    default_container: tuple[_ContainerDefault, ...]
    validate_pod: tuple[_PodJudge, ...]
    validate_container: tuple[_ContainerJudge, ...]


OF_THEIR_TIME = Strategies(
    default_pod=(
        supplemental_groups.default_pod,
        fs_group.default_pod,
        se_linux.default_pod,
        seccomp.default_pod,
        runtime_class.default_pod,
    ),
    default_container=(
        run_as_user.default_container,
        run_as_group.default_container,
        se_linux.default_container,
        app_armor.default_container,
        run_as_user.default_non_root,
        capabilities.default_container,
        read_only_root_filesystem.default_container,
        allow_privilege_escalation.default_container,
    ),
    validate_pod=(
        fs_group.validate_pod,
        supplemental_groups.validate_pod,
        seccomp.validate_pod,
        se_linux.validate_pod,
        host_namespaces.validate_pod,
        sysctls.validate_pod,
        volumes.validate_pod,
        runtime_class.validate_pod,
    ),
    validate_container=(
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
    ),
)
"""Upstream's orders, up to Kubernetes 1.24."""

_APP_ARMOR_FIELD_SINCE = 30


@cache
def strategies_today(minor: int) -> Strategies:
    """Return what fills in and judges pods of a cluster of Kubernetes 1.`minor`, which has newer fields.

    Where a field has taken an annotation's place, its strategy takes that of the annotation's. What policies
    do not know of is judged by what they say of the same danger.
    """
    of_today: dict[Any, Any] = {
        seccomp.default_pod: seccomp_profile.default_pod,
        seccomp.validate_pod: seccomp_profile.validate_pod,
        seccomp.validate_container: seccomp_profile.validate_container,
        proc_mount.validate_container: proc_mount.validate_container_today,
    }
    if minor >= _APP_ARMOR_FIELD_SINCE:
        of_today[app_armor.default_container] = app_armor_profile.default_container
        of_today[app_armor.validate_container] = app_armor_profile.validate_container
    old = OF_THEIR_TIME
    return Strategies(
        tuple(of_today.get(one, one) for one in old.default_pod),
        (seccomp_profile.default_container, *(of_today.get(one, one) for one in old.default_container)),
        (*(of_today.get(one, one) for one in old.validate_pod), host_process.validate_pod),
        (*(of_today.get(one, one) for one in old.validate_container), host_process.validate_container),
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


def try_policy(
    policy: PodSecurityPolicy, pod: Mapping[str, Any], strategies: Strategies = OF_THEIR_TIME
) -> ProviderResult:
    """Fill in a copy of the pod and judge it; `policy` must not be broken."""
    mutator = PodMutator(pod, policy.name)
    for default_pod in strategies.default_pod:
        default_pod(policy, mutator)
    for container in mutator.containers:
        for default_container in strategies.default_container:
            default_container(policy, mutator, container)
    errors = Errors()
    for validate_pod in strategies.validate_pod:
        validate_pod(errors, policy, mutator)
    for container in mutator.containers:
        for validate_container in strategies.validate_container:
            validate_container(errors, policy, mutator, container)
    return ProviderResult(policy, tuple(mutator.edits), tuple(errors))
