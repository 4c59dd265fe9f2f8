"""A network plugin that only turns on the loopback interface: for machines without plugins or bridges.

Run by containerd as `loopback` and as `podproof-none` (CNI: variables and JSON on standard input come in,
JSON goes out). containerd wants an address on eth0 of every pod network; here it is loopback's, and there is
no eth0.
Source: CNI specification 0.4.0. Imports nothing of Podproof, so that it starts fast.
"""

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys

SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
IFF_UP = 1
CLONE_NEWNET = 0x40000000
"""Source: linux/sockios.h, if.h, sched.h."""


def main() -> None:
    """Answer one call of the network plugin interface, as environment and stdin ask."""
    command = os.environ.get("CNI_COMMAND", "")
    if command == "VERSION":
        _answer({"cniVersion": "0.4.0", "supportedVersions": ["0.3.0", "0.3.1", "0.4.0", "1.0.0"]})
        return
    config = json.load(sys.stdin)
    if command != "ADD":
        return
    namespace = os.environ["CNI_NETNS"]
    error = _loopback_up(namespace)
    if error:
        _answer({"cniVersion": "0.4.0", "code": 100, "msg": error})
        sys.exit(1)
    name = os.environ.get("CNI_IFNAME", "lo")
    interface = {"name": name, "mac": "00:00:00:00:00:00", "sandbox": namespace}
    address = {"version": "4", "address": "127.0.0.1/8", "interface": 0}
    _answer({"cniVersion": config.get("cniVersion", "0.4.0"), "interfaces": [interface], "ips": [address]})


def _answer(value: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(value))


def _loopback_up(namespace: str) -> str:
    """Enter a network namespace and turn on its loopback interface; what went wrong, or ""."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        with open(namespace) as file:
            if libc.setns(file.fileno(), CLONE_NEWNET):
                return f"cannot enter {namespace}: {os.strerror(ctypes.get_errno())}"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            request = struct.pack("16sh22x", b"lo", 0)
            flags = struct.unpack_from("16sh", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | IFF_UP))
    except OSError as error:
        return f"cannot turn on loopback in {namespace}: {error}"
    return ""


if __name__ == "__main__":
    main()
