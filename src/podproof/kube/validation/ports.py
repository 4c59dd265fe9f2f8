"""Container ports and host ports.

Ports come in, what is wrong is added.
Source: kubernetes 1.37.2 pkg/apis/core/validation: validateContainerPorts, AccumulateUniqueHostPorts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...manifest.route import Route
from ..field_error import Errors, duplicate, invalid, not_supported, required
from .formats import port_name, port_number

_PROTOCOLS = ("SCTP", "TCP", "UDP")


def validate_ports(errors: Errors, ports: Sequence[Mapping[str, Any]] | None, route: Route) -> None:
    """Judge a container's ports."""
    names: set[str] = set()
    for index, port in enumerate(ports or ()):
        name = port.get("name")
        if name:
            faults = port_name(name)
            if faults:
                # upstream's loop over the faults reuses the index variable, but the path was made before it
                for fault in faults:
                    invalid(errors, (*route, index, "name"), name, fault)
            elif name in names:
                duplicate(errors, (*route, index, "name"), name)
            else:
                names.add(name)
        number = port.get("containerPort") or 0
        if not number:
            required(errors, (*route, index, "containerPort"))
        else:
            for fault in port_number(number):
                invalid(errors, (*route, index, "containerPort"), number, fault)
        host = port.get("hostPort") or 0
        if host:
            for fault in port_number(host):
                invalid(errors, (*route, index, "hostPort"), host, fault)
        protocol = port.get("protocol") or ""
        if not protocol:
            required(errors, (*route, index, "protocol"))
        elif protocol not in _PROTOCOLS:
            not_supported(errors, (*route, index, "protocol"), protocol, _PROTOCOLS)


def validate_host_port_conflicts(
    errors: Errors, containers: Sequence[Mapping[str, Any]], route: Route
) -> None:
    """Refuse the same host port, address and protocol twice among the containers at `route`."""
    seen: set[str] = set()
    for index, container in enumerate(containers):
        for position, port in enumerate(container.get("ports") or ()):
            if "hostPort" not in port:
                continue
            number = port.get("hostPort") or 0
            if not number:
                continue
            text = f"{port.get('protocol') or ''}/{port.get('hostIP') or ''}/{number}"
            if text in seen:
                duplicate(errors, (*route, index, "ports", position, "hostPort"), text)
            seen.add(text)
