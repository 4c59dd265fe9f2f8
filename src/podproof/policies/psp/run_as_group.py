"""runAsGroup: which primary group ids containers may run with; a policy without it allows any.

MustRunAs writes the first range's lowest id. Findings stand at the security context itself, as upstream's.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/group, provider.go.
"""

from ...kube.field_error import Errors
from ._ids import first_id, judge_groups
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy


def default_container(policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator) -> None:
    """Write the group where the effective one is unset."""
    group = first_id(policy.spec.run_as_group)
    if group is not None and mutator.effective(container, "runAsGroup") is None:
        mutator.set_on(container, "runAsGroup", group, "runAsGroup.ranges[0]")


def validate_container(
    errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator
) -> None:
    """Judge the effective group."""
    group = mutator.effective(container, "runAsGroup")
    groups = None if group is None else (group,)
    judge_groups(errors, policy.spec.run_as_group, groups, (*container.route, "securityContext"))
