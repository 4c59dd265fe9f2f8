"""supplementalGroups: which further groups a pod's processes may have.

MustRunAs writes a list of the first range's lowest id where the pod has no list; an empty list counts as one.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/group, provider.go.
"""

from ...kube.field_error import Errors
from ._ids import first_id, judge_groups
from .draft import Draft
from .policy import PodSecurityPolicy


def default_pod(policy: PodSecurityPolicy, draft: Draft) -> None:
    """Write the groups where the pod has none."""
    group = first_id(policy.spec.supplemental_groups)
    if group is not None and draft.own("supplementalGroups") is None:
        draft.set("supplementalGroups", [group], "supplementalGroups.ranges[0]")


def judge_pod(errors: Errors, policy: PodSecurityPolicy, draft: Draft) -> None:
    """Judge every group of the list."""
    route = ("spec", "securityContext", "supplementalGroups")
    judge_groups(errors, policy.spec.supplemental_groups, draft.own("supplementalGroups"), route)
