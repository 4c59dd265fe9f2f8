"""The kernel's constants that attacks use, with their names, equal on both machines unless said otherwise."""

import struct

from .program import Named

__all__ = [
    "AF_INET",
    "AF_PACKET",
    "AT_FDCWD",
    "CLONE_NEWNS",
    "CLONE_NEWUSER",
    "IPPROTO_ICMP",
    "NULL",
    "O_CREATE",
    "O_RDONLY",
    "O_WRONLY",
    "SOCK_DGRAM",
    "SOCK_RAW",
    "SOCK_STREAM",
    "S_IFCHR",
    "inet_address",
]  # fmt: skip

NULL = Named("NULL", 0)
AT_FDCWD = Named("AT_FDCWD", -100)
O_RDONLY = Named("O_RDONLY", 0)
O_WRONLY = Named("O_WRONLY", 1)
O_CREATE = Named("O_WRONLY|O_CREAT|O_EXCL", 0o301)
AF_INET = Named("AF_INET", 2)
AF_PACKET = Named("AF_PACKET", 17)
SOCK_STREAM = Named("SOCK_STREAM", 1)
SOCK_DGRAM = Named("SOCK_DGRAM", 2)
SOCK_RAW = Named("SOCK_RAW", 3)
IPPROTO_ICMP = Named("IPPROTO_ICMP", 1)
S_IFCHR = Named("S_IFCHR|0666", 0o20666)
CLONE_NEWNS = Named("CLONE_NEWNS", 0x00020000)
CLONE_NEWUSER = Named("CLONE_NEWUSER", 0x10000000)


def inet_address(address: str, port: int) -> bytes:
    """Lay out a sockaddr_in: family in the machine's order (little-endian on both), port in the network's."""
    octets = bytes(int(part) for part in address.split("."))
    return struct.pack("<H", AF_INET) + struct.pack(">H", port) + octets + bytes(8)
