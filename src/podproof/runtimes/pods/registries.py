"""Whether an image may be pulled from where its name says: no manifest sends requests into this network.

An image's name and the registries that were allowed come in, a refusal goes out. This is for engines of
others: what a registry itself refers to (redirects, token servers, layers elsewhere) is followed by them and
not known here. The embedded engine's images are fetched by the client in the room `images`.
"""

import ipaddress
import socket
from collections.abc import Collection

from ...kube.image_name import ImageNameError, parse_image_name
from ..public_addresses import IPAddress, is_public

__all__ = ["registry_refusal"]

_SERVERS = {"docker.io": "registry-1.docker.io"}
"""Where registries are that have another name. Source: containerd remotes/docker, DefaultHost."""


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
        if not is_public(address):
            return (
                f"registry {registry} is at {address}, in this machine or its network: "
                f"pull from it only with --allow-registry {registry}"
            )
    return None


def _host(registry: str) -> str:
    if registry.startswith("["):
        return registry[1:].partition("]")[0]
    return registry.partition(":")[0]


def _addresses(host: str) -> list[IPAddress]:
    """Resolve as the runtime will; also `127.1` and other spellings that the resolver takes for addresses."""
    if host == "localhost" or host.endswith(".localhost"):
        return [ipaddress.ip_address("127.0.0.1")]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
