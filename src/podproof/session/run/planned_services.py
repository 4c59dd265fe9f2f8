"""The Services of a plan: manifests come in one after another, those that are played and notes go out."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...kube.service import Service, ServiceProblem, read_service, unplayed_service_fields

__all__ = ["MAX_PORTS", "MAX_SERVICES", "PlannedServices"]

MAX_SERVICES = 64
"""Services that are played in a run; each that has an address takes a sandbox."""

MAX_PORTS = 256
"""Ports of all of them; each takes a socket."""


class PlannedServices:
    """Collects Services; a later one of the same name replaces an earlier."""

    def __init__(self) -> None:
        self._services: dict[tuple[str, str], Service] = {}
        self._more = 0

    def add(self, value: Mapping[str, Any]) -> Iterator[str]:
        """Take a Service in, and name what of it is not played."""
        if value.get("apiVersion", "v1") != "v1":
            return  # another project's kind of that name
        metadata = value.get("metadata")
        who = f"Service/{(metadata.get('name') if isinstance(metadata, Mapping) else None) or ''}"
        try:
            service = read_service(value)
        except ServiceProblem as problem:
            yield f"{who} is not played: {problem}"
            return
        key = (service.namespace, service.name)
        others = [one for its_key, one in self._services.items() if its_key != key]
        ports = len(service.ports) + sum(len(one.ports) for one in others)
        if len(others) >= MAX_SERVICES or ports > MAX_PORTS:
            self._more += 1
            return
        self._services[key] = service
        yield from (f"{who}: {note}" for note in unplayed_service_fields(value))

    def too_many(self) -> Iterator[str]:
        """Tell how many Services are left out."""
        if self._more:
            limits = f"at most {MAX_SERVICES} with {MAX_PORTS} ports are"
            yield f"{self._more} more Services are not played: {limits}"

    @property
    def played(self) -> tuple[Service, ...]:
        """The Services that are played."""
        return tuple(self._services.values())
