"""runAsUser: which user ids containers may run as, and which one they get when they say none.

MustRunAs writes the first range's lowest id; MustRunAsNonRoot writes `runAsNonRoot: true` where neither it
nor a user is set; RunAsAny does nothing.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/user, provider.go.
"""

from ...kube.field_error import Errors, invalid, required
from ._ids import in_ranges, write_ranges
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy


def default_container(policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator) -> None:
    """Write the user where the effective one is unset."""
    strategy = policy.spec.run_as_user
    if strategy.rule == "MustRunAs" and mutator.effective(container, "runAsUser") is None:
        mutator.set_on(container, "runAsUser", strategy.ranges[0].min, "runAsUser.ranges[0]")


def default_non_root(policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator) -> None:
    """Write runAsNonRoot where the rule demands it; the kubelet then looks at the image's user."""
    if (
        policy.spec.run_as_user.rule == "MustRunAsNonRoot"
        and mutator.effective(container, "runAsNonRoot") is None
        and mutator.effective(container, "runAsUser") is None
    ):
        mutator.set_on(container, "runAsNonRoot", True, "runAsUser.rule")


def validate_container(
    errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator
) -> None:
    """Judge the effective user and runAsNonRoot."""
    strategy = policy.spec.run_as_user
    route = (*container.route, "securityContext")
    user = mutator.effective(container, "runAsUser")
    if strategy.rule == "MustRunAs":
        if user is None:
            required(errors, (*route, "runAsUser"))
        elif not in_ranges(user, strategy.ranges):
            detail = f"must be in the ranges: {write_ranges(strategy.ranges)}"
            invalid(errors, (*route, "runAsUser"), user, detail)
    elif strategy.rule == "MustRunAsNonRoot":
        non_root = mutator.effective(container, "runAsNonRoot")
        if non_root is None and user is None:
            required(errors, (*route, "runAsNonRoot"), "must be true")
        elif non_root is False:
            invalid(errors, (*route, "runAsNonRoot"), False, "must be true")
        elif user == 0:
            invalid(errors, (*route, "runAsUser"), 0, "running with the root UID is forbidden")
