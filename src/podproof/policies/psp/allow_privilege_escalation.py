"""allowPrivilegeEscalation, defaultAllowPrivilegeEscalation: whether processes may gain more than they have.

Where a container says nothing, the default is written if there is one, else false if the policy forbids it.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go.
"""

from ...kube.field_error import Errors, invalid
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy

_KEY = "allowPrivilegeEscalation"


def default_container(policy: PodSecurityPolicy, mutator: PodMutator, container: ContainerMutator) -> None:
    """Write the default, else false, where the container says nothing."""
    spec = policy.spec
    if container.own(_KEY) is not None:
        return
    if spec.default_allow_privilege_escalation is not None:
        value, origin = spec.default_allow_privilege_escalation, "defaultAllowPrivilegeEscalation"
        mutator.set_on(container, _KEY, value, origin)
    elif not spec.allow_privilege_escalation:
        mutator.set_on(container, _KEY, False, _KEY)


def validate_container(
    errors: Errors,
    policy: PodSecurityPolicy,
    mutator: PodMutator,  # noqa: ARG001 - every strategy is called alike
    container: ContainerMutator,
) -> None:
    """Judge the container's own flag; saying nothing is refused too."""
    value = container.own(_KEY)
    if not policy.spec.allow_privilege_escalation and value is not False:
        route = (*container.route, "securityContext", _KEY)
        shown = "null" if value is None else value
        invalid(errors, route, shown, "Allowing privilege escalation for containers is not allowed")
