"""What in a pod reaches out of it to the machine: each needs a flag that names the danger.

A pod's mapping and what is allowed go in, refusals come out. A manifest is somebody else's text: without the
flag nothing of it is started.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ...effective.linux_capabilities import short_name
from ...kube.visit import visit_mappings
from .volumes.host_path import allowed

__all__ = ["DANGEROUS_CAPABILITIES", "Allowed", "refusals"]

DANGEROUS_CAPABILITIES = frozenset(
    (
        "ALL",
        "AUDIT_CONTROL",
        "BPF",
        "CHECKPOINT_RESTORE",
        "DAC_READ_SEARCH",
        "MAC_ADMIN",
        "MAC_OVERRIDE",
        "PERFMON",
        "SYSLOG",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_MODULE",
        "SYS_PACCT",
        "SYS_PTRACE",
        "SYS_RAWIO",
        "SYS_RESOURCE",
        "SYS_TIME",
    )
)
"""Capabilities with which root in a container reaches the node's kernel, files or clock.
Source: capabilities(7); what containers get by default and what acts on their own namespaces is not here."""

_HANDLERS = ("livenessProbe", "readinessProbe", "startupProbe")


class Allowed(msgspec.Struct, frozen=True):
    """The dangers that the person who runs the pod accepts. Names are without CAP_, paths are prefixes."""

    privileged: bool = False
    host_network: bool = False
    host_pid: bool = False
    host_ipc: bool = False
    host_paths: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    registries: tuple[str, ...] = ()
    """Whence images may be pulled although it is in this machine's network; asked when one is pulled."""


def refusals(pod: Mapping[str, Any], allow: Allowed) -> list[str]:
    """List what the pod asks for and is not allowed: who, which field, its value, and the flag."""
    return [*_of_pod(pod, allow), *_of_volumes(pod, allow), *_of_containers(pod, allow)]


def _of_pod(pod: Mapping[str, Any], allow: Allowed) -> Iterator[str]:
    spec = pod.get("spec") or {}
    for field, what, flag, given in (
        ("hostNetwork", "every socket and port of this machine", "--allow-host-network", allow.host_network),
        ("hostPID", "every process of this machine", "--allow-host-pid", allow.host_pid),
        ("hostIPC", "the shared memory of this machine", "--allow-host-ipc", allow.host_ipc),
    ):
        if spec.get(field) is True and not given:
            yield f"spec.{field} is true and reaches {what}: run it only with {flag}"


def _of_volumes(pod: Mapping[str, Any], allow: Allowed) -> Iterator[str]:
    for volume in (pod.get("spec") or {}).get("volumes") or ():
        path = (volume.get("hostPath") or {}).get("path")
        if path is not None and not allowed(path, allow.host_paths):
            yield (
                f'volume "{volume.get("name")}" has hostPath {path}, files of this machine: '
                f"run it only with --allow-host-path {path}"
            )


def _of_containers(pod: Mapping[str, Any], allow: Allowed) -> Iterator[str]:
    spec = pod.get("spec") or {}
    for _, container, _ in visit_mappings(spec):
        who = f'container "{container.get("name")}"'
        context = container.get("securityContext") or {}
        if context.get("privileged") is True and not allow.privileged:
            yield (
                f"{who} has securityContext.privileged true and owns this machine: "
                "run it only with --allow-privileged"
            )
        yield from _capabilities(who, context, allow)
        unmasked = context.get("procMount") == "Unmasked" and spec.get("hostUsers") is not False
        if unmasked and not allow.privileged:
            yield (
                f"{who} has securityContext.procMount Unmasked and may write this kernel's settings: "
                "run it only with --allow-privileged"
            )
        if container.get("volumeDevices"):
            yield f"{who} has volumeDevices: block devices are not given to pods here"
        yield from _hosts(who, container, allow)


def _capabilities(who: str, context: Mapping[str, Any], allow: Allowed) -> Iterator[str]:
    for name in (context.get("capabilities") or {}).get("add") or ():
        plain = short_name(str(name))
        if plain in DANGEROUS_CAPABILITIES and not allow.privileged and plain not in allow.capabilities:
            yield (
                f"{who} has securityContext.capabilities.add {name} and reaches out of its namespaces: "
                f"run it only with --allow-capability {plain}"
            )


def _hosts(who: str, container: Mapping[str, Any], allow: Allowed) -> Iterator[str]:
    """Find probes and hooks that this machine would send to another host on behalf of the manifest."""
    handlers = [(field, container.get(field) or {}) for field in _HANDLERS]
    lifecycle = container.get("lifecycle") or {}
    handlers += [(f"lifecycle.{field}", lifecycle.get(field) or {}) for field in ("postStart", "preStop")]
    for field, handler in handlers:
        for action in ("httpGet", "tcpSocket"):
            host = (handler.get(action) or {}).get("host")
            if host and not allow.host_network:
                yield (
                    f"{who} has {field}.{action}.host {host}, which this machine would connect to: "
                    "run it only with --allow-host-network"
                )
