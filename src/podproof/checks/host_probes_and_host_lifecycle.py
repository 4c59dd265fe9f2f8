"""The `host` of a probe or hook lets its author make the kubelet send requests to any address.

The kubelet sits in the node's network: the field turns it into a proxy to node-local and internal services.
Even `127.0.0.1` and `localhost` count, because that is the node's loopback.

**Restricted fields:** `host` of `httpGet` and `tcpSocket` in `livenessProbe`, `readinessProbe`,
`startupProbe`, `lifecycle.postStart` and `lifecycle.preStop` of every container. **Allowed values:** unset,
the empty string.

**Since:** v1.34, baseline. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_hostProbesAndhostLifecycle.go.
"""

from ..findings import Route
from ..kube.pod import Container, Handler, HTTPGetAction, Pod, PodSpec, TCPSocketAction
from ._text import plural, quoted, who
from .model.pod_security import PodSecurityCheck, Spot, Violation, When, remove_value


def _names_host(handler: Handler) -> bool:
    http, tcp = handler.http_get, handler.tcp_socket
    return (http is not None and bool(http.host)) or (tcp is not None and bool(tcp.host))


def _hook_names(hook: Handler | None) -> bool:
    return hook is not None and _names_host(hook)


def _hosts(handler: Handler | None, route: Route) -> list[tuple[Route, str]]:
    hosts: list[tuple[Route, str]] = []
    if handler is not None:
        if handler.http_get is not None and handler.http_get.host:
            hosts.append(((*route, "httpGet", "host"), handler.http_get.host))
        if handler.tcp_socket is not None and handler.tcp_socket.host:
            hosts.append(((*route, "tcpSocket", "host"), handler.tcp_socket.host))
    return hosts


def _named(c: Container) -> list[tuple[Route, str]]:
    hosts = _hosts(c.liveness_probe, ("livenessProbe",))
    hosts += _hosts(c.readiness_probe, ("readinessProbe",))
    hosts += _hosts(c.startup_probe, ("startupProbe",))
    if c.lifecycle is not None:
        hosts += _hosts(c.lifecycle.post_start, ("lifecycle", "postStart"))
        hosts += _hosts(c.lifecycle.pre_stop, ("lifecycle", "preStop"))
    return hosts


def _evaluate(_pod: Pod, _spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    bad: list[tuple[Container, list[tuple[Route, str]]]] = []
    for c in containers:
        hooks = c.lifecycle
        if (
            ((probe := c.liveness_probe) is not None and _names_host(probe))
            or ((probe := c.readiness_probe) is not None and _names_host(probe))
            or ((probe := c.startup_probe) is not None and _names_host(probe))
            or (hooks is not None and (_hook_names(hooks.post_start) or _hook_names(hooks.pre_stop)))
        ):
            bad.append((c, _named(c)))
    if not bad:
        return None
    # The one control that sorts names and drops repeats.
    named = sorted({c.name or "" for c, _ in bad})
    hosts = sorted({host for _, set_hosts in bad for _, host in set_hosts})
    return Violation(
        "probe or lifecycle host",
        f"{plural(len(named), 'container', 'containers')} {quoted(named)} "
        f"{plural(len(named), 'uses', 'use')} "
        f"{plural(len(hosts), 'probe or lifecycle host', 'probe or lifecycle hosts')} {quoted(hosts)}",
        lambda: [_spot(c, route, host) for c, set_hosts in bad for route, host in set_hosts],
    )


def _spot(c: Container, route: Route, host: str) -> Spot:
    message = f'{who(c)} must not set the host of {route[-3]}, has "{host}"'
    return Spot(c, route, message, "remove it: the pod's own address is meant then", remove_value(route))


CHECK = PodSecurityCheck(
    id="host-probes-and-host-lifecycle",
    upstream_id="hostProbesAndHostLifecycle",
    summary="probes and hooks that name a host",
    level="baseline",
    versions=((34, _evaluate),),
    when=When(((HTTPGetAction, "host"), (TCPSocketAction, "host"))),
)
