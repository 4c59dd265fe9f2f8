"""allowedProcMountTypes: which ways of mounting /proc containers may ask for; an empty list means Default.

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
    """Judge the container's procMount, Default when it is unset."""
    proc_mount = container.own("procMount")
    proc_mount = "Default" if proc_mount is None else proc_mount
    if proc_mount not in (policy.spec.allowed_proc_mount_types or ("Default",)):
        route = (*container.route, "securityContext", "procMount")
        invalid(errors, route, proc_mount, "ProcMountType is not allowed")
