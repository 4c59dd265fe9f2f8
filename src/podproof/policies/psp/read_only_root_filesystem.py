"""readOnlyRootFilesystem: whether containers must have a read-only root; those that do not set it get it.

Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go.
"""

from ...kube.field_error import Errors, invalid
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy

_KEY = "readOnlyRootFilesystem"


def default_container(policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator) -> None:
    """Write true where the container says nothing."""
    if policy.spec.read_only_root_filesystem and container.own(_KEY) is None:
        mutator.set_on(container, _KEY, True, _KEY)


def validate_container(
    errors: Errors,
    policy: PodSecurityPolicy,
    mutator: PodMutator,  # noqa: ARG001 - every strategy is called alike
    container: ContainerMutator,
) -> None:
    """Judge the container's own flag."""
    if not policy.spec.read_only_root_filesystem:
        return
    value, route = container.own(_KEY), (*container.route, "securityContext", _KEY)
    if value is None:
        invalid(errors, route, "null", "ReadOnlyRootFilesystem may not be nil and must be set to true")
    elif not value:
        invalid(errors, route, False, "ReadOnlyRootFilesystem must be set to true")
