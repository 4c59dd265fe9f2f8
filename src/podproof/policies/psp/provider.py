"""One policy put to work: the order in which its strategies fill in a pod, and in which they judge it.

A policy and a decoded, defaulted pod come in; a Trial goes out: the edits, and what the policy has against
the edited pod. Which of several policies is chosen is `admission`'s business.
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
from .draft import Draft, PolicyEdit
from .policy import PodSecurityPolicy

__all__ = ["Trial", "try_policy"]

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
_JUDGE_POD = (
    fs_group.judge_pod,
    supplemental_groups.judge_pod,
    seccomp.judge_pod,
    se_linux.judge_pod,
    host_namespaces.judge_pod,
    sysctls.judge_pod,
    volumes.judge_pod,
    runtime_class.judge_pod,
)
_JUDGE_CONTAINER = (
    run_as_user.judge_container,
    run_as_group.judge_container,
    se_linux.judge_container,
    app_armor.judge_container,
    seccomp.judge_container,
    privileged.judge_container,
    proc_mount.judge_container,
    capabilities.judge_container,
    host_ports.judge_container,
    read_only_root_filesystem.judge_container,
    allow_privilege_escalation.judge_container,
)


class Trial(msgspec.Struct, frozen=True):
    """How a pod fares under a policy: what the policy writes, and what it still has against the result."""

    policy: PodSecurityPolicy
    edits: tuple[PolicyEdit, ...]
    errors: tuple[FieldError, ...]

    @property
    def mutates(self) -> bool:
        """Whether the policy changes the pod at all."""
        return bool(self.edits)


def try_policy(policy: PodSecurityPolicy, pod: Mapping[str, Any]) -> Trial:
    """Fill in a copy of the pod and judge it; `policy` must not be broken."""
    draft = Draft(pod, policy.name)
    for default_pod in _DEFAULT_POD:
        default_pod(policy, draft)
    for container in draft.containers:
        for default_container in _DEFAULT_CONTAINER:
            default_container(policy, draft, container)
    errors: Errors = []
    for judge_pod in _JUDGE_POD:
        judge_pod(errors, policy, draft)
    for container in draft.containers:
        for judge_container in _JUDGE_CONTAINER:
            judge_container(errors, policy, draft, container)
    return Trial(policy, tuple(draft.edits), tuple(errors))
