"""hostPorts: which ports of the node containers may take; an empty list means none.

Findings name `hostPort` of the container, without the port's index, as upstream's.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go, hasInvalidHostPort.
"""

from ...kube.field_error import Errors, invalid
from ...manifest.route import format_route
from .pod_mutator import ContainerMutator, PodMutator
from .policy import PodSecurityPolicy


def validate_container(
    errors: Errors,
    policy: PodSecurityPolicy,
    mutator: PodMutator,  # noqa: ARG001 - every strategy is called alike
    container: ContainerMutator,
) -> None:
    """Judge each port; zero means that none is asked for."""
    allowed = policy.spec.host_ports
    for index, port in enumerate(container.container.get("ports") or ()):
        host_port = port.get("hostPort") or 0
        if host_port > 0 and not any(host_port in range_ for range_ in allowed):
            ranges = ",".join(map(str, allowed))
            detail = f"Host port {host_port} is not allowed to be used. Allowed ports: [{ranges}]"
            route = (*container.route, "ports", index, "hostPort")
            invalid(errors, route, host_port, detail, field=format_route((*container.route, "hostPort")))
