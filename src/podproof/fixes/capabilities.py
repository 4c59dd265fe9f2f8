"""What a container keeps being able to do when capabilities are dropped: start its program, open its ports.

A pod as it is after other changes comes in, changes go out. A capability that the program's file carries
stays, since the program does not start without it, and a low port that a user other than root listens on
becomes the pod's sysctl.
"""

from collections.abc import Collection, Iterator
from typing import Any

from ..edits.edit import Edit
from ..effective.capabilities import granted
from ..effective.file_capabilities import program_capabilities
from ..effective.predicted import PredictedContext
from ..effective.sysctls import dotted
from ..effective.value import known
from ..findings import ContainerRef
from ..manifest.route import Route, value_at
from .change import PlannedChange, PodToFix
from .words import what_of

__all__ = ["LOW_PORT", "places_with_bind_service", "plan_needed_capabilities", "plan_ports"]

LOW_PORT = "privileged-port-without-way"
"""The check that tells of low ports."""

_PORT_START = "net.ipv4.ip_unprivileged_port_start"
_BIND = "NET_BIND_SERVICE"
_LOW = 1024


def places_with_bind_service(pod: PodToFix) -> set[Route]:
    """Give the containers that may use NET_BIND_SERVICE; all of them where that is not known."""
    if not pod.processes:
        return set(pod.places)
    processes = zip(pod.places, pod.processes, strict=False)
    return {place for place, process in processes if _BIND in granted(process.placed)}


def plan_needed_capabilities(value: Any, pod: PodToFix, had: Collection[Route]) -> Iterator[PlannedChange]:
    """Add the one capability that every level allows where the program's file carries it.

    Only containers that `had` it get it back.
    """
    for reference, place, process in zip(pod.containers, pod.places, pod.processes, strict=False):
        needed = program_capabilities(process.placed) or ()
        if place not in had or _BIND not in needed or _BIND in granted(process.placed):
            continue
        route = (*place, "securityContext", "capabilities", "add")
        written = value_at(value, route)
        names = [*written, _BIND] if isinstance(written, list) else [_BIND]
        edits = (Edit(route, "set", names),)
        why = f"the program's file carries {_BIND}: it does not start where that is dropped"
        yield PlannedChange(
            "same", edits, what_of(edits, place), why, ("capabilities-restricted",), reference
        )


def plan_ports(
    value: Any, pod: PodToFix, refused: Collection[ContainerRef | None]
) -> Iterator[PlannedChange]:
    """Let everybody in the pod listen on the ports of the containers that no longer can."""
    closed = [
        (port, reference, process)
        for reference, process in zip(pod.containers, pod.processes, strict=False)
        if reference in refused
        for port in _low_ports(process)
    ]
    if not closed:
        return
    lowest, first, process = min(closed, key=lambda one: one[0])
    if process.placed.spec.host_network:
        return  # the node's own network has no such limit of its own
    route = (*pod.spec, "securityContext", "sysctls")
    item = {"name": _PORT_START, "value": str(lowest)}
    edits = (_written(value_at(value, route), route, item),)
    why = (
        f'container "{first.name}" listens on port {lowest} as user {known(process.uid.value)}; '
        "runtimes that open low ports to everybody, such as containerd 2.x, need no sysctl: see --runtime"
    )
    yield PlannedChange("same", edits, what_of(edits, pod.spec), why, (LOW_PORT,))


def _low_ports(process: PredictedContext) -> Iterator[int]:
    for port in process.placed.container.ports or ():
        if port.container_port is not None and 0 < port.container_port < _LOW:
            yield port.container_port


def _written(sysctls: Any, route: Route, item: dict[str, str]) -> Edit:
    """Write the sysctl where the pod sets it already, or behind the others."""
    if not isinstance(sysctls, list) or not sysctls:
        return Edit(route, "set", [item])
    for index, sysctl in enumerate(sysctls):
        if isinstance(sysctl, dict) and dotted(str(sysctl.get("name"))) == _PORT_START:
            return Edit((*route, index, "value"), "set", item["value"])
    return Edit((*route, len(sysctls)), "set", item)
