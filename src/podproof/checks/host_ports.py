"""A host port listens on the node's own addresses.

It goes around Services and network policies, collides with other pods on the node, and can take the place
of a service of the node. Pods with `hostNetwork: true` get one for every container port by defaulting.

**Restricted fields:** `spec.containers[*].ports[*].hostPort`, likewise for initContainers and
ephemeralContainers. **Allowed values:** unset, 0.

**Since:** v1.0, baseline. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_hostPorts.go (ports are sorted as text).
"""

from collections.abc import Iterator

from ..kube.pod import Container, ContainerPort, Pod, PodSpec
from ._text import names, plural, who
from .model.pod_security import PodSecurityCheck, Spot, Violation, When, remove_value


def _evaluate(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    bad: list[Container] = []
    ports: set[str] = set()
    for c in containers:
        for port in c.ports or ():
            if port.host_port:
                ports.add(str(port.host_port))
                if not bad or bad[-1] is not c:
                    bad.append(c)
    if not bad:
        return None
    return Violation(
        "hostPort",
        f"{names(bad)} {plural(len(bad), 'uses', 'use')} {plural(len(ports), 'hostPort', 'hostPorts')} "
        f"{', '.join(sorted(ports))}",
        lambda: _spots(spec, bad),
    )


def _spots(spec: PodSpec, bad: list[Container]) -> Iterator[Spot]:
    for c in bad:
        for i, port in enumerate(c.ports or ()):
            if port.host_port:
                route = ("ports", i, "hostPort")
                message = f"{who(c)} must not use a hostPort, has {port.host_port}"
                if spec.host_network and port.host_port == port.container_port:
                    yield Spot(c, route, message, "hostNetwork makes every container port a host port")
                else:
                    yield Spot(c, route, message, "remove it", remove_value(route))


CHECK = PodSecurityCheck(
    id="host-ports",
    upstream_id="hostPorts",
    summary="ports on the node's addresses",
    level="baseline",
    versions=((0, _evaluate),),
    when=When(((ContainerPort, "host_port"), (PodSpec, "host_network"))),
)
