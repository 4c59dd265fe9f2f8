"""What this machine is as a node: its memory, processors, address, and name servers; files are read, once."""

import os
import socket
from pathlib import Path

from ...effective.linux_capabilities import CAPABILITIES
from ...effective.node import Node, NodeFeatures
from ...kubelet.cri import DNSConfig
from ...runtimes.engine import Features

__all__ = [
    "dns_of_machine",
    "host_address",
    "memory",
    "node_name",
    "node_of_machine",
    "processors",
    "storage",
]


def node_of_machine(
    features: Features, *, unsafe_sysctls: tuple[str, ...] = (), seccomp_root: str = ""
) -> Node:
    """Say what the kubelet's own admission has to know of this machine and its engine."""
    apparmor = Path("/sys/module/apparmor/parameters/enabled")
    profiles: tuple[str, ...] = ()
    if seccomp_root and os.path.isdir(seccomp_root):
        profiles = tuple(
            str(path.relative_to(seccomp_root)) for path in Path(seccomp_root).rglob("*") if path.is_file()
        )
    return Node(
        capabilities=_capabilities(),
        apparmor=apparmor.is_file() and apparmor.read_text().strip() == "Y",
        selinux=Path("/sys/fs/selinux/enforce").is_file(),
        unsafe_sysctls=unsafe_sysctls,
        seccomp_profiles=profiles,
        features=NodeFeatures(
            supplemental_groups_policy=features.strict_groups,
            recursive_read_only_mounts=features.recursive_read_only,
            user_namespaces=features.user_namespaces,
        ),
    )


def _capabilities() -> tuple[str, ...] | None:
    """Read the capabilities that this process, and so the runtime, can give; None when unknown."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapBnd:"):
            bits = int(line.split()[1], 16)
            return tuple(name for number, name in enumerate(CAPABILITIES) if bits >> number & 1)
    return None


def processors() -> int:
    """Give how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def memory() -> int:
    """Give the machine's memory in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def storage(folder: Path) -> int:
    """Give the size of the file system that pods write to, in bytes."""
    filesystem = os.statvfs(folder)
    return filesystem.f_frsize * filesystem.f_blocks


def host_address() -> str:
    """Give the address of the interface that leads out, else 127.0.0.1; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # documentation's own network: connecting a datagram socket only asks the routes
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def dns_of_machine() -> DNSConfig:
    """Read servers, searches and options; behind systemd's stub those that it asks itself."""
    servers: list[str] = []
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    for path in ("/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"):
        try:
            text = Path(path).read_text("utf-8", "replace")
        except OSError:
            continue
        for line in text.splitlines():
            word, *rest = line.split() or [""]
            if word == "nameserver" and rest:
                servers.append(rest[0])
            elif word == "search":
                searches = tuple(rest)
            elif word == "options":
                options = tuple(rest)
        break
    return DNSConfig(tuple(servers[:3]), searches, options)


def node_name() -> str:
    """Return the name of this machine as a node: its host name in small letters."""
    import socket

    return socket.gethostname().lower() or "podproof"
