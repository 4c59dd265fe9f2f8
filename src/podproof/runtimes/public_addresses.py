"""Which addresses are on the internet: an address comes in, whether it is public goes out.

Loopback, link-local, private, shared (carrier-grade NAT), multicast, reserved and other special addresses are
not, however they are wrapped into IPv6.
"""

import ipaddress

__all__ = ["IPAddress", "is_public"]

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of IPv4 in IPv6. Source: RFC 6052, 2.1."""

_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
"""Leads wherever this network's own translator says. Source: RFC 8215."""


def is_public(address: IPAddress) -> bool:
    """Tell whether an address is reached over the internet only; one that wraps another is as that one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address in _LOCAL_NAT64:
            return False
    return address.is_global and not address.is_multicast
