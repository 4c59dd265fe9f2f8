"""Warnings about the ports of a pod's containers: doubles, overlaps, ambiguous addresses and names.

A pod spec comes in, sentences go out. The containers of a pod share their network, so ports are compared
across all of them.
Source: kubernetes 1.37.2 pkg/api/pod/warnings.go, warningsForPodSpecAndMeta.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ...manifest.route import Route, format_route
from ..go_format import quote
from ..visit import CONTAINER_FIELDS, visit_mappings

_MOST_PAIRS = 1000
"""Pairs of ports that are told. A server drops warnings beyond 4,096 characters in all, some fifty of these.
Source: apiserver 1.37.2 pkg/endpoints/filters/warning.go, truncateAtTotalRunes.
"""


class _Port(msgspec.Struct, frozen=True):
    """A container's port; what is not set is empty or 0, as in Go."""

    path: str
    name: str
    address: str
    host: int
    number: int
    protocol: str


def warn_of_ports(spec: Mapping[str, Any], route: Route) -> list[str]:
    """Warn of each port, in the order of the containers; repeated names come last. `route` is the spec's."""
    if not _may_warn(spec):
        return []
    ports = list(_ports(spec, route))
    return [*_address_warnings(ports), *_name_warnings(ports)]


def _may_warn(spec: Mapping[str, Any]) -> bool:
    """Say whether there is anything to compare: most pods have one port, and no path is written for it."""
    count = 0
    for field in CONTAINER_FIELDS:
        for container in spec.get(field) or ():
            ports = container.get("ports")
            if ports:
                count += len(ports)
                if count > 1 or ports[0].get("hostIP"):
                    return True
    return False


def _ports(spec: Mapping[str, Any], route: Route) -> Iterator[_Port]:
    for _, container, where in visit_mappings(spec, route):
        for index, port in enumerate(container.get("ports") or ()):
            yield _Port(
                format_route((*where, "ports", index)),
                port.get("name") or "",
                port.get("hostIP") or "",
                port.get("hostPort") or 0,
                port.get("containerPort") or 0,
                port.get("protocol") or "",
            )


def _address_warnings(ports: list[_Port]) -> Iterator[str]:
    same_number: dict[tuple[int, str], list[_Port]] = {}
    pairs = 0
    for port in ports:
        if port.address and not port.host:
            yield (
                f"{port.path}: hostIP set without hostPort: {{Name:{port.name} HostPort:0 "
                f"ContainerPort:{port.number} Protocol:{port.protocol} HostIP:{port.address}}}"
            )
        earlier = same_number.setdefault((port.number, port.protocol), [])
        for other in earlier if pairs < _MOST_PAIRS else ():
            relation = _relation(port, other)
            if relation:
                pairs += 1
                yield f"{port.path}: {relation} port definition with {other.path}"
        earlier.append(port)


def _relation(port: _Port, other: _Port) -> str:
    """Say how two ports of one number and protocol are related; "" when they do not meet."""
    if port.address == other.address and port.host == other.host:
        return "duplicate"
    if not port.host or not other.host:
        return "overlapping"
    if port.host == other.host and (not port.address) != (not other.address):
        return "dangerously ambiguous"
    return ""


def _name_warnings(ports: list[_Port]) -> Iterator[str]:
    first: dict[str, str] = {}
    for port in ports:
        if not port.name:
            continue
        path = first.setdefault(port.name, port.path)
        if path != port.path:
            yield (
                f"{port.path}: duplicate port name {quote(port.name)} with {path}, "
                f"services and probes that select ports by name will use {path}"
            )
