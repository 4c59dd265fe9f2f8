"""Addresses on the command line: text comes in, a socket that listens there goes out."""

import socket

from ..errors import UsageError

__all__ = ["bind_address"]

BACKLOG = 1024
"""Connections that wait to be taken."""


def bind_address(option: str, text: str) -> socket.socket:
    """Listen at `HOST:PORT` or `[IPV6]:PORT`; port 0 takes a free one, and no host all of IPv4 and IPv6.

    Raises UsageError: it is no address, or cannot be bound; `option` is what names it.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageError(f'{option}: "{text}" is not an address, write HOST:PORT')
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise UsageError(f'{option}: "{text}" is not an address, write [{host}]:{port}')
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = not host and socket.has_dualstack_ipv6()
    try:
        if both:
            return socket.create_server(
                ("", int(port)), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True
            )
        return socket.create_server((host, int(port)), family=family, backlog=BACKLOG)
    except OSError as error:
        raise UsageError(f"{option} {text}: {error.strerror or error}") from error
