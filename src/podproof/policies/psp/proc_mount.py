"""allowedProcMountTypes: which ways of mounting /proc containers may ask for; an empty list means Default.

The API servers that had policies dropped the list, since its feature gate was off; so today it only adds to
Default, lest a policy refuse pods that it used to admit.

Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go, validateContainer.
"""

from collections.abc import Collection

from ...kube.field_error import Errors, invalid
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy

_DEFAULT = "Default"


def validate_container(
    errors: Errors,
    policy: PodSecurityPolicy,
    mutator: PodMutator,  # noqa: ARG001 - every strategy is called alike
    container: ContainerMutator,
) -> None:
    """Judge the container's procMount, Default when it is unset."""
    _judge(errors, container, policy.spec.allowed_proc_mount_types or (_DEFAULT,))


def validate_container_today(
    errors: Errors,
    policy: PodSecurityPolicy,
    mutator: PodMutator,  # noqa: ARG001 - every strategy is called alike
    container: ContainerMutator,
) -> None:
    """Judge the container's procMount, of which Default is always allowed."""
    _judge(errors, container, (_DEFAULT, *policy.spec.allowed_proc_mount_types))


def _judge(errors: Errors, container: ContainerMutator, allowed: Collection[str]) -> None:
    proc_mount = container.own("procMount")
    proc_mount = _DEFAULT if proc_mount is None else proc_mount
    if proc_mount not in allowed:
        route = (*container.route, "securityContext", "procMount")
        invalid(errors, route, proc_mount, "ProcMountType is not allowed")
