"""supplementalGroups: which further groups a pod's processes may have.

MustRunAs writes a list of the first range's lowest id where the pod has no list; an empty list counts as one.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/group, provider.go.
"""

from ...kube.field_error import Errors
from ._ids import first_id, judge_groups
from .pod_mutator import PodMutator
from .policy import PodSecurityPolicy


def default_pod(policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Write the groups where the pod has none."""
    group = first_id(policy.spec.supplemental_groups)
    if group is not None and mutator.own("supplementalGroups") is None:
        mutator.set("supplementalGroups", [group], "supplementalGroups.ranges[0]")


def validate_pod(errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Judge every group of the list."""
    route = ("spec", "securityContext", "supplementalGroups")
    judge_groups(errors, policy.spec.supplemental_groups, mutator.own("supplementalGroups"), route)
