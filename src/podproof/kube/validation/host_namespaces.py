"""What host namespaces rule out: user namespaces, other ports, a shared process namespace.

A pod spec comes in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validatePodHostNetworkDeps, validateShareProcessNamespace,
validateHostUsers.
"""

from collections.abc import Mapping
from typing import Any

from ...manifest.route import Route, format_route
from ..field_error import Errors, forbidden, invalid
from ..visit import visit_mappings

_DEVICES_SINCE = 34
"""The first version that refuses block devices too. Source: kubernetes 1.34.4 validateHostUsers."""


def validate_host_network(errors: Errors, spec: Mapping[str, Any], route: Route, *, is_pod: bool) -> None:
    """Demand hostPort = containerPort on the host's network; only templates may leave hostPort out."""
    if not spec.get("hostNetwork"):
        return
    for index, container in enumerate(spec.get("containers") or ()):
        for position, port in enumerate(container.get("ports") or ()):
            host, inner = port.get("hostPort") or 0, port.get("containerPort") or 0
            if (is_pod or host) and host != inner:
                at = (*route, "containers", index, "ports", position, "hostPort")
                invalid(errors, at, host, "must match `containerPort` when `hostNetwork` is true")


def validate_share_process_namespace(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Refuse shareProcessNamespace together with hostPID."""
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        invalid(errors, (*route, "shareProcessNamespace"), True, detail)


def validate_host_users(errors: Errors, spec: Mapping[str, Any], route: Route) -> None:
    """Refuse host namespaces and block devices together with `hostUsers: false`."""
    if spec.get("hostUsers") is not False:
        return
    recent = errors.gates.minor >= _DEVICES_SINCE
    detail = f"when `{'hostUsers' if recent else 'pod.Spec.HostUsers'}` is false"
    if spec.get("hostNetwork") and not errors.gates.enabled("UserNamespacesHostNetworkSupport"):
        forbidden(errors, (*route, "hostNetwork"), detail)
    for key, shown in (("hostPID", "HostPID"), ("hostIPC", "HostIPC")):
        if spec.get(key):
            forbidden(errors, (*route, key), detail, field=f"{format_route(route)}.{shown}")
    for _, container, where in visit_mappings(spec, route):
        if recent and container.get("volumeDevices"):
            forbidden(errors, (*where, "volumeDevices"), detail)
