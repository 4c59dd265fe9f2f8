"""The files that every container gets from the kubelet: /etc/hosts and the termination log."""

import os
from pathlib import Path
from typing import Any

from ...kube.pod import raw_pod
from ...kubelet.host_names import host_names
from ..safe_files import open_folder, read_end

__all__ = [
    "MAX_MESSAGE",
    "hosts_text",
    "make_termination_log",
    "read_termination_log",
    "write_hosts",
]

MAX_MESSAGE = 4096
"""Bytes. Source: kubernetes pkg/kubelet/container/runtime.go, MaxContainerTerminationMessageLength."""

_HOSTS = """# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
"""
"""Source: kubernetes pkg/kubelet/kubelet_pods.go, managedHostsFileContent."""


_NODE_HOSTS = Path("/etc/hosts")


def hosts_text(pod: dict[str, Any], address: str) -> str:
    """Write /etc/hosts: the pod's own names when it has an address, then its hostAliases."""
    text = _HOSTS
    if address:
        text += f"{address}\t{host_names(raw_pod(pod)).in_hosts}\n"
    aliases = (pod.get("spec") or {}).get("hostAliases") or ()
    if aliases:
        text += "\n# Entries added by HostAliases.\n"
        for alias in aliases:
            text += "\t".join((alias.get("ip") or "", *(alias.get("hostnames") or ()))) + "\n"
    return text


def write_hosts(path: Path, pod: dict[str, Any], address: str, *, host_network: bool) -> None:
    """Write the file; with the node's network it is the node's own with a heading."""
    text = hosts_text(pod, address)
    if host_network:
        try:
            own = _NODE_HOSTS.read_text("utf-8", "replace")
        except FileNotFoundError:  # a small machine may have none
            own = ""
        aliases = text.partition("\n# Entries added by HostAliases.\n")
        text = f"# Kubernetes-managed hosts file (host network).\n{own}{aliases[1]}{aliases[2]}"
    path.write_text(text)
    path.chmod(0o644)


def make_termination_log(path: Path) -> None:
    """Make the empty file that any user of the container may write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(0o666)


def read_termination_log(path: Path) -> str:
    """Read the last 4096 bytes; "" when the file is gone or is not a regular one any more."""
    try:
        folder = open_folder(path.parent)
    except OSError:
        return ""
    try:
        return (read_end(folder, path.name, MAX_MESSAGE) or b"").decode("utf-8", "replace")
    finally:
        os.close(folder)
