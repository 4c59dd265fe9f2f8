"""privileged: whether containers may be privileged.

Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go, validateContainer.
"""

from ...kube.field_error import Errors, invalid
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy


def validate_container(
    errors: Errors,
    policy: PodSecurityPolicy,
    mutator: PodMutator,  # noqa: ARG001 - every strategy is called alike
    container: ContainerMutator,
) -> None:
    """Judge the container's own flag."""
    if not policy.spec.privileged and container.own("privileged") is True:
        route = (*container.route, "securityContext", "privileged")
        invalid(errors, route, True, "Privileged containers are not allowed")
