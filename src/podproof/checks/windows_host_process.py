"""A HostProcess container is an ordinary process of the Windows node.

It is not isolated at all: it has the node's file system, network and, as an administrator, everything else.

**Restricted fields:** `spec.securityContext.windowsOptions.hostProcess` and the same of every container.
**Allowed values:** unset, false.

**Since:** v1.0, baseline. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_windowsHostProcess.go.
"""

from collections.abc import Iterator

from ..kube.pod import Container, Pod, PodSpec, WindowsSecurityContextOptions
from ._text import setters, who
from .model.pod_security import PodSecurityCheck, Spot, Violation, When, remove_value

_ROUTE = ("securityContext", "windowsOptions", "hostProcess")


def _evaluate(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    sc = spec.security_context
    pod_bad = bool(sc is not None and sc.windows_options is not None and sc.windows_options.host_process)
    bad: list[Container] = []
    for c in containers:
        csc = c.security_context
        if csc is not None and csc.windows_options is not None and csc.windows_options.host_process:
            bad.append(c)
    if not bad and not pod_bad:
        return None
    return Violation(
        "hostProcess",
        f"{setters(pod_bad, bad)} must not set securityContext.windowsOptions.hostProcess=true",
        lambda: _spots(pod_bad, bad),
        fixed_together=True,
    )


def _spots(at_pod: bool, bad: list[Container]) -> Iterator[Spot]:
    if at_pod:
        route = ("spec", *_ROUTE)
        yield Spot(None, route, "pod must not be a HostProcess pod", "remove it", remove_value(route))
    for c in bad:
        yield Spot(
            c, _ROUTE, f"{who(c)} must not be a HostProcess container", "remove it", remove_value(_ROUTE)
        )


CHECK = PodSecurityCheck(
    id="windows-host-process",
    upstream_id="windowsHostProcess",
    summary="Windows HostProcess containers",
    level="baseline",
    versions=((0, _evaluate),),
    when=When(((WindowsSecurityContextOptions, "host_process"),)),
)
