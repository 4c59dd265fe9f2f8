"""Whether an image may be pulled from where its name says: no manifest sends requests into this network.

An image's name and the registries that were allowed come in, a refusal goes out. What a registry itself
refers to (redirects, token servers, layers elsewhere) is followed by the runtime and not known here.
"""

import ipaddress
import socket
from collections.abc import Collection

from ...kube.image_name import ImageNameError, parse_image_name

__all__ = ["registry_refusal"]

_SERVERS = {"docker.io": "registry-1.docker.io"}
"""Where registries are that have another name. Source: containerd remotes/docker, DefaultHost."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of IPv4 in IPv6. Source: RFC 6052, 2.1."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def registry_refusal(image: str, allowed: Collection[str]) -> str | None:
    """Say why the image is not pulled; None where its registry is public, allowed, or not found.

    `allowed` are HOST or HOST:PORT; without a port every port of the host is meant.
    """
    try:
        registry = parse_image_name(image).name.partition("/")[0]
    except ImageNameError:
        return None
    host = _host(registry)
    if registry in allowed or host in allowed:
        return None
    for address in _addresses(_SERVERS.get(host, host)):
        if not _is_public(address):
            return (
                f"registry {registry} is at {address}, in this machine or its network: "
                f"pull from it only with --allow-registry {registry}"
            )
    return None


def _host(registry: str) -> str:
    if registry.startswith("["):
        return registry[1:].partition("]")[0]
    return registry.partition(":")[0]


def _addresses(host: str) -> list[_Address]:
    """Resolve as the runtime will; also `127.1` and other spellings that the resolver takes for addresses."""
    if host == "localhost" or host.endswith(".localhost"):
        return [ipaddress.ip_address("127.0.0.1")]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]


def _is_public(address: _Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast
