"""fsGroup: which group a pod's volumes may be given to.

MustRunAs writes the first range's lowest id where the pod has none.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/group, provider.go.
"""

from ...kube.field_error import Errors
from ._ids import first_id, judge_groups
from .draft import Draft
from .policy import PodSecurityPolicy


def default_pod(policy: PodSecurityPolicy, draft: Draft) -> None:
    """Write the group where the pod has none."""
    group = first_id(policy.spec.fs_group)
    if group is not None and draft.own("fsGroup") is None:
        draft.set("fsGroup", group, "fsGroup.ranges[0]")


def judge_pod(errors: Errors, policy: PodSecurityPolicy, draft: Draft) -> None:
    """Judge the group."""
    group = draft.own("fsGroup")
    groups = None if group is None else (group,)
    judge_groups(errors, policy.spec.fs_group, groups, ("spec", "securityContext", "fsGroup"))
