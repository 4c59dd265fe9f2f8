"""windowsOptions.hostProcess: a process of the node, which no field of a policy knows of.

It is what privileged is on Linux, and so is judged by `privileged`; policies that allow hostNetwork, which it
needs, would else let it in.
"""

from typing import Any

from ...kube.field_error import Errors, invalid
from ...manifest.route import Route
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy

_KEY = "windowsOptions"


def validate_pod(errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Judge the pod's own options."""
    _judge(errors, policy, mutator.own(_KEY), ("spec", "securityContext", _KEY))


def validate_container(
    errors: Errors,
    policy: PodSecurityPolicy,
    mutator: PodMutator,  # noqa: ARG001 - every strategy is called alike
    container: ContainerMutator,
) -> None:
    """Judge the container's own options."""
    _judge(errors, policy, container.own(_KEY), (*container.route, "securityContext", _KEY))


def _judge(errors: Errors, policy: PodSecurityPolicy, options: dict[str, Any] | None, route: Route) -> None:
    if options is not None and options.get("hostProcess") and not policy.spec.privileged:
        invalid(errors, (*route, "hostProcess"), True, "Privileged containers are not allowed")
