"""Gives pods a network: this machine's plugins and routes come in; a bridge and plugin configuration go out.

Makes one bridge of its own and no other change: no forwarding, no rule of a firewall, no other interface.
"""

import contextlib
import fcntl
import ipaddress
import itertools
import os
import random
import shlex
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .configuration import loopback_network, pod_network
from .places import Places

__all__ = ["find_plugins", "prepare_network", "remove_network", "said_network"]

_NEEDED = ("bridge", "host-local", "loopback")

_BRIDGE_ADD, _BRIDGE_DELETE = 0x89A0, 0x89A1
_GET_ADDRESS, _SET_ADDRESS, _SET_NETMASK = 0x8915, 0x8916, 0x891C
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1
"""Source: linux/sockios.h, if.h."""
_ATTEMPTS = 50
"""So many networks are tried, any of those that are free, when another engine took the first just now."""


def find_plugins(places: Places) -> tuple[Path | None, tuple[str, ...]]:
    """Give the folder of network plugins that has the most of what is needed, and what it lacks."""
    best: tuple[Path | None, tuple[str, ...]] = (None, _NEEDED)
    for folder in places.plugins:
        missing = tuple(name for name in _NEEDED if not os.access(folder / name, os.X_OK))
        if len(missing) < len(best[1]):
            best = (folder, missing)
    return best


def prepare_network(places: Places) -> str | None:
    """Write the plugins' configuration and make the bridge. None: pods get a network; else why they do not.

    Raises OSError: the folder cannot be written.
    """
    folder, missing = find_plugins(places)
    programs = places.cni / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    (places.cni / "net.d").mkdir(exist_ok=True)
    _own_plugin(programs / "podproof-none")
    if folder is None or "loopback" in missing:
        _own_plugin(programs / "loopback")
    if folder is not None:
        for plugin in folder.iterdir():
            _link(programs / plugin.name, plugin)
    reason: str | None = None
    if missing:
        reason = f"no network plugins {', '.join(missing)} (package containernetworking-plugins)"
    else:
        try:
            interface = _bridge(places.bridge)
        except OSError as error:
            reason = f"no bridge can be made: {error.strerror or error}"
        else:
            outside = _forwards(places)
            text = pod_network(places, str(interface.network), str(interface.ip), outside=outside)
    if reason is not None:
        text = loopback_network(places)
    (places.cni / "net.d" / "10-podproof.conflist").write_text(text)
    (places.engine / "network").write_text(reason or "")
    return reason


def said_network(places: Places) -> str | None:
    """Tell why the running engine's pods have no network; None when they have one."""
    try:
        return (places.engine / "network").read_text() or None
    except OSError:
        return None


def remove_network(places: Places) -> None:
    """Remove the bridge, and what the plugins' library noted about networks of this name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name = places.bridge.encode()
        try:
            _set_flags(control, name, up=False)
            fcntl.ioctl(control, _BRIDGE_DELETE, name.ljust(16, b"\0"))
        except OSError:
            pass  # there was none
    # Source: containernetworking/cni libcni, CacheDir.
    for note in Path("/var/lib/cni/results").glob(f"{places.network}-*"):
        note.unlink(missing_ok=True)


def _bridge(name: str) -> ipaddress.IPv4Interface:
    """Make the bridge, up and with an address of a free private network; one that exists keeps its own.

    Of engines that start at once and take the same network, who sees the other's route gives way.
    """
    encoded = name.encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        with contextlib.suppress(FileExistsError):
            fcntl.ioctl(control, _BRIDGE_ADD, encoded.ljust(16, b"\0"))
        address = _address_of(control, encoded)
        if address is not None:
            _set_flags(control, encoded, up=True)
            return address
        free = _free_networks()
        for network in itertools.chain(free[:1], random.sample(free, min(len(free), _ATTEMPTS))):
            address = ipaddress.IPv4Interface((int(network.network_address) + 1, 24))
            fcntl.ioctl(control, _SET_ADDRESS, _request(encoded, address.ip.packed))
            fcntl.ioctl(control, _SET_NETMASK, _request(encoded, address.network.netmask.packed))
            _set_flags(control, encoded, up=True)
            if not any(network.overlaps(other) for other in _routes(without=name)):
                return address
            _set_flags(control, encoded, up=False)
    raise OSError("every private network that is tried is in use")


def _address_of(control: socket.socket, name: bytes) -> ipaddress.IPv4Interface | None:
    """Give the address of an interface and its network; None: it has none yet."""
    try:
        answer = fcntl.ioctl(control, _GET_ADDRESS, struct.pack("16s24x", name))
    except OSError:
        return None
    return ipaddress.IPv4Interface(f"{socket.inet_ntoa(answer[20:24])}/24")


def _request(name: bytes, packed: bytes) -> bytes:
    """Build struct ifreq with an IPv4 address."""
    return struct.pack("16sHxx4s16x", name, socket.AF_INET, packed)


def _set_flags(control: socket.socket, name: bytes, *, up: bool) -> None:
    answer = fcntl.ioctl(control, _GET_FLAGS, struct.pack("16s24x", name))
    flags = struct.unpack_from("H", answer, 16)[0]
    flags = flags | _UP if up else flags & ~_UP
    fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sH22x", name, flags))


def _free_networks() -> list[ipaddress.IPv4Network]:
    """Give the private networks that no route of this machine touches, the first to be tried first."""
    taken = list(_routes())
    networks = (
        ipaddress.IPv4Network(f"10.{second}.{third}.0/24")
        for second in (88, 89, 213, 167)
        for third in range(256)
    )
    return [network for network in networks if not any(network.overlaps(other) for other in taken)]


def _routes(*, without: str = "") -> Iterator[ipaddress.IPv4Network]:
    """Give the networks that routes of this machine lead to, `without` those of one interface."""
    # Source: proc(5), /proc/net/route: hexadecimal in the machine's byte order; the default route is no use.
    for line in Path("/proc/net/route").read_text().splitlines()[1:]:
        fields = line.split()
        destination, mask = (struct.pack("=I", int(fields[index], 16)) for index in (1, 7))
        if mask != b"\0\0\0\0" and fields[0] != without:
            yield ipaddress.IPv4Network(
                (destination, bin(int.from_bytes(mask, "big")).count("1")), strict=False
            )


def _forwards(places: Places) -> bool:
    """Tell whether this machine forwards already and can hide pods behind its address."""
    if Path("/proc/sys/net/ipv4/ip_forward").read_text().strip() != "1":
        return False
    program = shutil.which("iptables", path=places.path)
    if program is None:
        return False
    return not subprocess.run(
        [program, "-w", "5", "-t", "nat", "-S"], capture_output=True, timeout=30
    ).returncode


def _own_plugin(path: Path) -> None:
    script = Path(__file__).with_name("no_network.py")
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -S {shlex.quote(str(script))} "$@"\n')
    path.chmod(0o755)


def _link(link: Path, target: Path) -> None:
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(target)
