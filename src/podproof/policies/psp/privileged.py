"""privileged: whether containers may be privileged.

Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go, validateContainer.
"""

from ...kube.field_error import Errors, invalid
from .draft import Draft, DraftContainer
from .policy import PodSecurityPolicy


def judge_container(
    errors: Errors,
    policy: PodSecurityPolicy,
    draft: Draft,  # noqa: ARG001 - every strategy is called alike
    container: DraftContainer,
) -> None:
    """Judge the container's own flag."""
    if not policy.spec.privileged and container.own("privileged") is True:
        route = (*container.route, "securityContext", "privileged")
        invalid(errors, route, True, "Privileged containers are not allowed")
