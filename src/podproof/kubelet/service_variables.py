"""The variables by which containers find Services: Services with addresses go in, an environment comes out.

Source: kubernetes pkg/kubelet/envvars/envvars.go, FromServices; pkg/kubelet/kubelet_pods.go,
getServiceEnvVarMap.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ..kube.service import Service
from .objects import namespace_of

__all__ = ["ServiceAddress", "service_variables"]


class ServiceAddress(msgspec.Struct, frozen=True):
    """A Service, and the address that it has here (`clusterIP`)."""

    service: Service
    address: str


def service_variables(pod: Mapping[str, Any], services: Iterable[ServiceAddress]) -> dict[str, str]:
    """Give the variables of the Services in the pod's namespace; none with enableServiceLinks false."""
    variables: dict[str, str] = {}
    if (pod.get("spec") or {}).get("enableServiceLinks") is False:
        return variables
    for one in services:
        if one.service.namespace == namespace_of(pod):
            variables |= _of_service(one.service, one.address)
    return variables


def _of_service(service: Service, address: str) -> dict[str, str]:
    prefix = _variable(service.name)
    first = service.ports[0]
    variables = {f"{prefix}_SERVICE_HOST": address, f"{prefix}_SERVICE_PORT": str(first.port)}
    for port in service.ports:
        if port.name:
            variables[f"{prefix}_SERVICE_PORT_{_variable(port.name)}"] = str(port.port)
    variables[f"{prefix}_PORT"] = f"{first.protocol.lower()}://{address}:{first.port}"
    for port in service.ports:
        link = f"{prefix}_PORT_{port.port}_{port.protocol}"
        variables[link] = f"{port.protocol.lower()}://{address}:{port.port}"
        variables[f"{link}_PROTO"] = port.protocol.lower()
        variables[f"{link}_PORT"] = str(port.port)
        variables[f"{link}_ADDR"] = address
    return variables


def _variable(name: str) -> str:
    return name.replace("-", "_").upper()
