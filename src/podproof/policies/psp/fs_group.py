"""fsGroup: which group a pod's volumes may be given to.

MustRunAs writes the first range's lowest id where the pod has none.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/group, provider.go.
"""

from ...kube.field_error import Errors
from ._ids import first_id, judge_groups
from .pod_mutator import PodMutator
from .policy import PodSecurityPolicy


def default_pod(policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Write the group where the pod has none."""
    group = first_id(policy.spec.fs_group)
    if group is not None and mutator.own("fsGroup") is None:
        mutator.set("fsGroup", group, "fsGroup.ranges[0]")


def validate_pod(errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Judge the group."""
    group = mutator.own("fsGroup")
    groups = None if group is None else (group,)
    judge_groups(errors, policy.spec.fs_group, groups, ("spec", "securityContext", "fsGroup"))
