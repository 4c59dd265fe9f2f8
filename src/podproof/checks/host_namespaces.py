"""A pod in the host's namespaces sees, and may reach, what belongs to the node.

hostNetwork lets it listen on the node's addresses and talk to node-local services; hostPID shows every
process of the node with its environment; hostIPC shares the node's shared memory.

**Restricted fields:** `spec.hostNetwork`, `spec.hostPID`, `spec.hostIPC`. **Allowed values:** unset, false.

**Since:** v1.0, baseline. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_hostNamespaces.go.
"""

from ..kube.pod import Container, Pod, PodSpec
from .model.pod_security import PodSecurityCheck, Spot, Violation, When, remove_value


def _evaluate(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    if not (spec.host_network or spec.host_pid or spec.host_ipc):
        return None
    fields = []
    if spec.host_network:
        fields.append("hostNetwork")
    if spec.host_pid:
        fields.append("hostPID")
    if spec.host_ipc:
        fields.append("hostIPC")
    return Violation(
        "host namespaces",
        ", ".join(f"{field}=true" for field in fields),
        lambda: [_spot(field, spec, containers) for field in fields],
    )


def _spot(field: str, spec: PodSpec, containers: tuple[Container, ...]) -> Spot:
    route = ("spec", field)
    # The API server refuses HostProcess containers without the host's network: they have to go first.
    needed = field == "hostNetwork" and _has_host_process(spec, containers)
    message = f"pod must not use the host's namespaces, has {field}: true"
    return Spot(None, route, message, "remove it", None if needed else remove_value(route))


def _has_host_process(spec: PodSpec, containers: tuple[Container, ...]) -> bool:
    contexts = (spec.security_context, *(c.security_context for c in containers))
    options = (context.windows_options for context in contexts if context is not None)
    return any(each.host_process for each in options if each is not None)


CHECK = PodSecurityCheck(
    id="host-namespaces",
    upstream_id="hostNamespaces",
    summary="pods in the host's namespaces",
    level="baseline",
    versions=((0, _evaluate),),
    when=When(((PodSpec, "host_network"), (PodSpec, "host_pid"), (PodSpec, "host_ipc"))),
)
