"""A Service as it is played here: its manifest goes in, a typed value or the reason against it comes out.

Only what leads to pods is read. Nothing of it is taken on trust: names become names of DNS, ports are opened.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from .visit import visit_mappings

__all__ = [
    "Service",
    "ServicePort",
    "ServiceProblem",
    "named_port",
    "read_service",
    "unplayed_service_fields",
]

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
"""A label of RFC 1123. Source: apimachinery pkg/util/validation; of a Service it may have to be stricter."""

_MAX_NAME = 253
"""Letters of a name. Source: apimachinery pkg/util/validation, DNS1123SubdomainMaxLength."""

_MAX_PORTS = 100

_AFFINITY = 10800
"""Seconds, unless the Service says. Source: core/v1, DefaultClientIPServiceAffinitySeconds."""

_MAX_AFFINITY = 86400
"""Seconds. Source: kubernetes pkg/apis/core, MaxClientIPServiceAffinitySeconds."""

_PROTOCOLS = ("TCP", "UDP", "SCTP")

_FIELDS: tuple[tuple[str, tuple[Any, ...], str], ...] = (
    ("externalIPs", (), "no address of others is taken"),
    ("loadBalancerIP", ("",), "no address of others is taken"),
    ("externalTrafficPolicy", ("", "Cluster"), "nothing comes from outside"),
    ("internalTrafficPolicy", ("", "Cluster"), "there is one node"),
    ("trafficDistribution", ("",), "there is one node"),
)
"""Fields that change nothing here, the values with which they would not anyway, and why."""


class ServiceProblem(Exception):
    """Says why a Service cannot be played."""


class ServicePort(msgspec.Struct, frozen=True):
    """A port of a Service; `target` is a port of its pods or the name of one."""

    port: int
    target: int | str
    protocol: str = "TCP"
    name: str = ""


class Service(msgspec.Struct, frozen=True, eq=False):
    """A Service, equal to itself only. `headless`: it has no address, and its name is that of its pods.

    `external`: another name that its name leads to, "" when it has pods. `affinity`: seconds for which a
    client is led to the same pod again; None: to any.
    """

    name: str
    namespace: str
    selector: Mapping[str, str]
    ports: tuple[ServicePort, ...] = ()
    headless: bool = False
    publish_not_ready: bool = False
    external: str = ""
    affinity: int | None = None

    def selects(self, pod: Mapping[str, Any]) -> bool:
        """Tell whether a pod is one of its pods."""
        metadata = pod.get("metadata") or {}
        labels = metadata.get("labels") or {}
        return (
            bool(self.selector)
            and (metadata.get("namespace") or "default") == self.namespace
            and all(labels.get(key) == value for key, value in self.selector.items())
        )


def read_service(value: Mapping[str, Any]) -> Service:
    """Read a manifest of any shape. Raises ServiceProblem: it is one that is not played."""
    metadata, spec = _mapping(value.get("metadata")), _mapping(value.get("spec"))
    name, namespace = metadata.get("name"), metadata.get("namespace") or "default"
    for field, text in (("name", name), ("namespace", namespace)):
        if not isinstance(text, str) or not _LABEL.fullmatch(text):
            raise ServiceProblem(f"metadata.{field} must be a name of DNS, has {_shown(text)}")
    if spec.get("type") == "ExternalName":
        return Service(str(name), str(namespace), {}, external=_external_name(spec.get("externalName")))
    selector = spec.get("selector")
    if not isinstance(selector, Mapping) or not selector:
        raise ServiceProblem("no spec.selector: Endpoints are not played")
    if not all(isinstance(text, str) for pair in selector.items() for text in pair):
        raise ServiceProblem("spec.selector must have texts only")
    headless = spec.get("clusterIP") == "None"
    ports = tuple(_ports(spec.get("ports")))
    if not ports and not headless:
        raise ServiceProblem("no spec.ports")
    not_ready = spec.get("publishNotReadyAddresses") is True
    affinity = None if headless else _affinity(spec)
    return Service(str(name), str(namespace), dict(selector), ports, headless, not_ready, affinity=affinity)


def _external_name(written: Any) -> str:
    name = written.removesuffix(".") if isinstance(written, str) else ""
    if len(name) > _MAX_NAME or not all(map(_LABEL.fullmatch, name.split("."))):
        raise ServiceProblem(f"spec.externalName must be a name of DNS, has {_shown(written)}")
    return name


def _affinity(spec: Mapping[str, Any]) -> int | None:
    if spec.get("sessionAffinity") != "ClientIP":
        return None
    seconds = _mapping(_mapping(spec.get("sessionAffinityConfig")).get("clientIP")).get("timeoutSeconds")
    if seconds is None:
        return _AFFINITY
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 <= seconds <= _MAX_AFFINITY:
        field = "spec.sessionAffinityConfig.clientIP.timeoutSeconds"
        raise ServiceProblem(f"{field} must be between 1 and {_MAX_AFFINITY}, has {_shown(seconds)}")
    return seconds


def _ports(written: Any) -> Iterator[ServicePort]:
    if written is None:
        return
    if not isinstance(written, list) or len(written) > _MAX_PORTS:
        raise ServiceProblem(f"spec.ports must be a list of at most {_MAX_PORTS} ports")
    seen = set()
    for index, one in enumerate(written):
        field = f"spec.ports[{index}]"
        port: Any = _mapping(one).get("port")
        if not _is_port(port):
            raise ServiceProblem(f"{field}.port must be between 1 and 65535, has {_shown(port)}")
        target: Any = _mapping(one).get("targetPort")
        target = port if target in (None, 0, "") else target
        if not _is_port(target) and not (isinstance(target, str) and len(target) <= 63):
            raise ServiceProblem(f"{field}.targetPort must be a port or its name, has {_shown(target)}")
        protocol = _mapping(one).get("protocol") or "TCP"
        if protocol not in _PROTOCOLS:
            raise ServiceProblem(f"{field}.protocol must be TCP, UDP or SCTP, has {_shown(protocol)}")
        if (port, protocol) in seen:
            raise ServiceProblem(f"{field}: port {port} is there twice")
        seen.add((port, protocol))
        port_name: Any = _mapping(one).get("name") or ""
        if port_name and not (isinstance(port_name, str) and _LABEL.fullmatch(port_name)):
            raise ServiceProblem(f"{field}.name must be a name of DNS, has {_shown(port_name)}")
        yield ServicePort(port, target, protocol, port_name)


def unplayed_service_fields(value: Mapping[str, Any]) -> Iterator[str]:
    """Name what a Service asks for that is not played, and why."""
    spec = _mapping(value.get("spec"))
    kind, address = spec.get("type"), spec.get("clusterIP")
    if kind in ("NodePort", "LoadBalancer"):
        yield f"spec.type {kind} is not played: --publish opens a port of this machine"
    if address not in (None, "", "None") and kind != "ExternalName":
        yield "spec.clusterIP is not played: it gets a free address"
    for field, plain, why in _FIELDS:
        if spec.get(field) not in (None, [], *plain):
            yield f"spec.{field} is not played: {why}"
    ports = spec.get("ports")
    protocols = [_mapping(port).get("protocol") for port in (ports if isinstance(ports, list) else ())]
    if spec.get("clusterIP") != "None" and "SCTP" in protocols:
        yield "SCTP is not played: TCP and UDP are passed on"


def named_port(pod: Mapping[str, Any], target: int | str, protocol: str = "TCP") -> int | None:
    """Give the number of a pod's port; None when none of its containers has one of that name and protocol.

    Source: kubernetes pkg/api/v1/pod/util.go, FindPort.
    """
    if isinstance(target, int):
        return target
    for _, container, _ in visit_mappings(pod.get("spec") or {}):
        for port in container.get("ports") or ():
            if port.get("name") == target and (port.get("protocol") or "TCP") == protocol:
                return int(port["containerPort"])
    return None


def _is_port(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _shown(value: Any) -> str:
    return repr(value)[:60]
