"""Ports of this machine that lead to pods: `--publish` and hostPorts come in, listening sockets go out.

What `--publish` asks for is the person's own; a hostPort is a manifest's, and opened only if it is allowed.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

import msgspec

from ...errors import UsageError
from ...kube.service import named_port
from ...kube.visit import visit_mappings
from .plan import Plan, PlannedPod

__all__ = ["Published", "bind", "host_ports", "owner_of", "parse_publish", "resolve_published", "shown"]

LOOPBACK = "127.0.0.1"

_FORM = re.compile(
    r"(?:(?P<name>[^=]+)=)?(?:(?P<address>\[[^\]]*\]|[^:]+):)?(?P<port>[0-9]+):(?P<target>[^:/]+)"
    r"(?:/(?P<protocol>tcp|udp))?"
)

Protocol = Literal["TCP", "UDP"]

_MAX_HOST_PORTS = 64
"""hostPorts of a run that are opened; each takes a socket."""


class Published(msgspec.Struct, frozen=True):
    """A port of this machine. `target` is a pod's port or the name of one, `text` what was written.

    `owners`: the workloads, or plain pods, to whose pods it leads, by `owner_of`; none until it is resolved.
    """

    text: str
    address: str
    port: int
    target: int | str
    name: str = ""
    owners: frozenset[str] = frozenset()
    protocol: Protocol = "TCP"


def owner_of(planned: PlannedPod) -> str:
    """Name what stays the same when a pod is replaced: its workload, or itself."""
    namespace = planned.pod["metadata"].get("namespace") or "default"
    return f"{namespace}/{planned.owner or f'Pod/{planned.name}'}"


def parse_publish(texts: Sequence[str]) -> tuple[Published, ...]:
    """Read `[NAME=][ADDRESS:]PORT:TARGET[/udp]`. Raises UsageError: another form, or one port twice."""
    published: dict[str, Published] = {}
    for text in texts:
        one = _parse(text)
        if shown(one) in published:
            raise UsageError(f"--publish {text}: {shown(one)} is published twice")
        published[shown(one)] = one
    return tuple(published.values())


def _parse(text: str) -> Published:
    found = _FORM.fullmatch(text)
    if found is None:
        form = "[NAME=][ADDRESS:]PORT:PODPORT[/udp]"
        raise UsageError(f"--publish must be {form}, such as 8080:80 or 5353:53/udp, has {text!r}")
    address = (found["address"] or LOOPBACK).strip("[]")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise UsageError(f"--publish {text}: {address!r} is not an address of this machine") from None
    target = found["target"]
    port, wanted = (_number(one) if one.isdecimal() else one for one in (found["port"], target))
    if 0 in (port, wanted):
        raise UsageError(f"--publish {text}: ports must be between 1 and 65535")
    protocol: Protocol = "UDP" if found["protocol"] == "udp" else "TCP"
    return Published(text, address, int(port), wanted, found["name"] or "", protocol=protocol)


def _number(digits: str) -> int:
    """Read a port; 0 for what is none, however long it is."""
    number = int(digits) if len(digits) <= 9 else 0
    return number if number < 65536 else 0


def resolve_published(published: Sequence[Published], plan: Plan) -> tuple[Published, ...]:
    """Find whose port each of them is. Raises UsageError: nobody's, or it is not clear whose."""
    return tuple(
        msgspec.structs.replace(one, owners=frozenset(map(owner_of, _pods_of(one, plan))))
        for one in published
    )


def _pods_of(one: Published, plan: Plan) -> list[PlannedPod]:
    if one.name:
        found = [planned for planned in plan.pods if one.name.lower() in _names(planned)]
        selected = [service for service in plan.services if one.name.lower() == f"service/{service.name}"]
        found += [pod for pod in plan.pods if any(service.selects(pod.pod) for service in selected)]
        if not found:
            raise UsageError(f"--publish {one.text}: there is no {one.name}, only {_listed(plan.pods)}")
        return found
    if len(owners := {owner_of(planned) for planned in plan.pods}) == 1:
        return list(plan.pods)
    with_port = [planned for planned in plan.pods if _declares(planned.pod, one)]
    if len(owners := {owner_of(planned) for planned in with_port}) == 1:
        return with_port
    whose = "no pod has" if not owners else f"{len(owners)} have"
    port = f"{one.target}{_suffix(one)}"
    raise UsageError(
        f"--publish {one.text}: {whose} port {port}: write NAME={one.text} with one of {_listed(plan.pods)}"
    )


def _names(planned: PlannedPod) -> set[str]:
    owner = planned.owner.lower()
    return {planned.name, f"pod/{planned.name}", owner, owner.rpartition("/")[2]} - {""}


def _listed(pods: Sequence[PlannedPod]) -> str:
    names = dict.fromkeys((planned.owner or f"pod/{planned.name}").lower() for planned in pods)
    shown = [*names][:10]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return ", ".join(shown) + more


def _declares(pod: dict[str, Any], one: Published) -> bool:
    if isinstance(one.target, str):
        return named_port(pod, one.target, one.protocol) is not None
    ports = (port for _, container, _ in visit_mappings(pod["spec"]) for port in container.get("ports") or ())
    return any(port.get("containerPort") == one.target and _protocol(port) == one.protocol for port in ports)


def _protocol(port: Mapping[str, Any]) -> str:
    return str(port.get("protocol") or "TCP")


def host_ports(plan: Plan, *, allowed: bool, tell: Callable[[str], None]) -> Iterator[Published]:
    """Find the hostPorts to open; `tell` takes a line for each that is not opened as it is written."""
    opened: dict[str, str] = {}
    for planned in plan.pods:
        if planned.pod["spec"].get("hostNetwork") is True:
            continue  # it has them already
        for _, container, _ in visit_mappings(planned.pod["spec"]):
            for port in container.get("ports") or ():
                if not port.get("hostPort"):
                    continue
                one = _host_port(planned, container, port)
                if not allowed:
                    tell(f"{one.text} is not opened: --allow-host-ports opens it at {one.address}")
                elif _protocol(port) not in get_args(Protocol):
                    tell(f"{one.text} is not opened: TCP and UDP are passed on, not {port['protocol']}")
                elif (key := shown(one)) in opened:
                    if opened[key] not in one.owners:
                        tell(f"{one.text} is not opened: {opened[key]} has it")
                elif len(opened) >= _MAX_HOST_PORTS:
                    tell(f"{one.text} is not opened: at most {_MAX_HOST_PORTS} are")
                else:
                    opened[key] = owner_of(planned)
                    if port.get("hostIP") not in (None, "", one.address):
                        tell(f"{one.text} is opened at {one.address}: hostIP {port['hostIP']} is not played")
                    yield one


def _host_port(planned: PlannedPod, container: Mapping[str, Any], port: Mapping[str, Any]) -> Published:
    written = str(port.get("hostIP") or "")
    return Published(
        f'pod {planned.name}: container "{container["name"]}": hostPort {port["hostPort"]}',
        written if _is_loopback(written) else LOOPBACK,
        port["hostPort"],
        port["containerPort"],
        owners=frozenset((owner_of(planned),)),
        protocol="UDP" if _protocol(port) == "UDP" else "TCP",
    )


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def bind(one: Published) -> socket.socket:
    """Take the port. Raises OSError: somebody has it, or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in one.address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM if one.protocol == "TCP" else socket.SOCK_DGRAM)
    try:
        if one.protocol == "TCP":
            # a port that was just let go can be taken again; one that is served cannot
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((one.address, one.port))
        if one.protocol == "TCP":
            made.listen()
    except OSError:
        made.close()
        raise
    return made


def shown(one: Published) -> str:
    """Write address and port, and the protocol unless it is TCP."""
    address = f"[{one.address}]" if ":" in one.address else one.address
    return f"{address}:{one.port}{_suffix(one)}"


def _suffix(one: Published) -> str:
    return "" if one.protocol == "TCP" else "/udp"
