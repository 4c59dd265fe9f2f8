"""Plays a run's Services: each gets an address, its ports lead to ready pods, and its name resolves.

A plan's Services and, again and again, the snapshots of its pods come in. What cannot be played is told.
"""

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from ...kube.pod import raw_pod
from ...kube.service import Service, ServicePort, named_port
from ...kubelet.host_names import CLUSTER_DOMAIN, host_names
from ...kubelet.service_variables import ServiceAddress
from ...runtimes.engine import Engine, EngineError
from ...runtimes.network.addresses import Address, bound_sockets, make_address
from ...runtimes.network.dns import NamedPort, Zone, make_zone
from ...runtimes.network.forwarder import Endpoint, Forwarder
from ...runtimes.pods.reach import NetworkLocation
from ...runtimes.pods.values import PodSnapshot, RunOptions
from .progress import is_ready

__all__ = ["PlayedServices"]

_AT_A_TIME = 4


class _PodAddress(msgspec.Struct, frozen=True):
    """What Services know of a pod: its address, and whether it is ready."""

    snapshot: PodSnapshot
    uid: str
    ip: str
    ready: bool

    def port(self, port: ServicePort) -> int | None:
        """Give the number of the port that one of a Service leads to; None when the pod has none."""
        return named_port(self.snapshot.pod, port.target, port.protocol)


class _Names:
    """Collects the names of Services.

    Source: Kubernetes' DNS specification 1.1; CoreDNS plugin/kubernetes.
    """

    def __init__(self) -> None:
        self._addresses: dict[str, list[str]] = {}
        self._aliases: dict[str, str] = {}
        self._ports: dict[str, list[NamedPort]] = {}
        self._pointers: dict[str, str] = {}

    def add(self, service: Service, address: str, behind: Sequence[_PodAddress]) -> None:
        """Name a Service that has this address, or none, and the pods behind it."""
        own = f"{service.name}.{service.namespace}.svc.{CLUSTER_DOMAIN}"
        if service.external:
            self._aliases[own] = service.external
        if address:
            self._addresses[own] = [address]
            self._pointers[address] = own
            for port in service.ports:
                self._add_port(own, port, own, port.port)
        if not service.headless:
            return
        for pod in behind:
            self._addresses.setdefault(own, []).append(pod.ip)
            host = host_names(raw_pod(pod.snapshot.pod))
            # a pod without a host name of its own is named by its address
            host_name = host.name if host.domain == own else pod.ip.replace(".", "-")
            name = f"{host_name.lower()}.{own}"
            self._addresses.setdefault(name, []).append(pod.ip)
            self._pointers.setdefault(pod.ip, name)
            for port in service.ports:
                if (number := pod.port(port)) is not None:
                    self._add_port(own, port, name, number)

    def _add_port(self, own: str, port: ServicePort, target: str, number: int) -> None:
        if port.name:
            key = f"_{port.name}._{port.protocol.lower()}.{own}"
            self._ports.setdefault(key, []).append(NamedPort(target, number))

    def zone(self) -> Zone:
        """Make a zone of all."""
        return make_zone(
            f"svc.{CLUSTER_DOMAIN}",
            self._addresses,
            aliases=self._aliases,
            ports=self._ports,
            pointers=self._pointers,
        )


class PlayedServices:
    """The Services of one run. `tell` takes a line about what cannot be played."""

    def __init__(
        self,
        services: Sequence[Service],
        *,
        engine: Engine,
        session: str,
        forwarder: Forwarder,
        tell: Callable[[str], None],
    ) -> None:
        self._services = services
        self._engine, self._session = engine, session
        self._forwarder, self._tell = forwarder, tell
        self._addresses: dict[Service, Address] = {}
        self._unopened: dict[tuple[Service, ServicePort], socket.socket] = {}
        self._endpoints: dict[tuple[Service, ServicePort], tuple[Endpoint, ...]] = {}
        self._zone = make_zone(f"svc.{CLUSTER_DOMAIN}", {})
        self._seen: tuple[tuple[str, str, bool], ...] | None = None

    def begin(self, options: RunOptions) -> RunOptions:
        """Make the addresses and the name server, and say to pods where they are."""
        with_address = [service for service in self._services if not (service.headless or service.external)]
        addresses = self._make([None, *with_address], options.cgroup_root)
        names = addresses.get(None)
        if names is None:
            return options
        for service in with_address:
            if service in addresses and self._bind(service, addresses[service]):
                self._addresses[service] = addresses[service]
        try:
            udp, tcp = bound_sockets(names, (("UDP", 53), ("TCP", 53)))
        except OSError as error:
            self._tell(f"names of Services are not played: {error.strerror or error}")
            return options
        upstream = options.dns.servers if _forwards() else ()
        self._forwarder.serve_names(udp, tcp, lambda: self._zone, upstream)
        self.update(())
        return msgspec.structs.replace(
            options,
            cluster_dns=names.ip,
            services=tuple(ServiceAddress(one, address.ip) for one, address in self._addresses.items()),
        )

    def update(self, snapshots: Sequence[PodSnapshot]) -> None:
        """Let names and ports lead to the pods that are ready now."""
        pods = [_PodAddress(one, *_seen(one)) for one in snapshots if one.pod["status"].get("podIP")]
        seen = tuple((pod.uid, pod.ip, pod.ready) for pod in pods)
        if seen == self._seen:
            return
        self._seen = seen
        names = _Names()
        for service in self._services:
            behind = [
                pod for pod in pods
                if (pod.ready or service.publish_not_ready) and service.selects(pod.snapshot.pod)
            ]  # fmt: skip
            address = self._addresses.get(service)
            names.add(service, address.ip if address else "", behind)
            for port in service.ports:
                self._endpoints[service, port] = tuple(
                    (NetworkLocation(pod.ip), number)
                    for pod in behind if (number := pod.port(port)) is not None
                )  # fmt: skip
                self._open((service, port))
        self._zone = names.zone()

    def _bind(self, service: Service, address: Address) -> bool:
        ports = [port for port in service.ports if port.protocol in ("TCP", "UDP")]
        try:
            bound = bound_sockets(
                address, [("TCP" if port.protocol == "TCP" else "UDP", port.port) for port in ports]
            )
        except OSError as error:
            self._tell(f"Service/{service.name} is not played: {error.strerror or error}")
            return False
        # until a pod is ready nobody listens, so that connections are refused
        self._unopened |= {(service, port): one for one, port in zip(bound, ports, strict=True)}
        return True

    def _open(self, key: tuple[Service, ServicePort]) -> None:
        """Listen on a port of a Service now that a pod is behind it."""
        if self._endpoints[key] and (bound := self._unopened.pop(key, None)) is not None:
            serve = self._forwarder.listen if key[1].protocol == "TCP" else self._forwarder.relay
            serve(bound, lambda: self._endpoints[key], key[0].affinity)

    def _make(self, services: Sequence[Service | None], cgroup: str) -> dict[Service | None, Address]:
        """Make the addresses, some at a time; None stands for the name server."""
        left: queue.SimpleQueue[Service | None] = queue.SimpleQueue()
        for service in services:
            left.put(service)
        made: dict[Service | None, Address] = {}
        problems: list[str] = []

        def work() -> None:
            while True:
                try:
                    service = left.get_nowait()
                except queue.Empty:
                    return
                name = "names" if service is None else service.name
                try:
                    made[service] = make_address(
                        self._engine,
                        name=f"service-{name}",
                        namespace="default" if service is None else service.namespace,
                        session=self._session,
                        cgroup=cgroup,
                    )
                except EngineError as error:
                    who = "Services are" if service is None else f"Service/{name} is"
                    problems.append(f"{who} not played: {error}")

        threads = [threading.Thread(target=work, daemon=True) for _ in range(min(_AT_A_TIME, len(services)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for problem in problems:
            self._tell(problem)
        return made


def _seen(snapshot: PodSnapshot) -> tuple[str, str, bool]:
    status = snapshot.pod["status"]
    ready = status.get("phase") == "Running" and is_ready(snapshot)
    return str(snapshot.pod["metadata"]["uid"]), str(status["podIP"]), ready


def _forwards() -> bool:
    """Tell whether pods reach other hosts, and so their name servers, anyway."""
    try:
        return Path("/proc/sys/net/ipv4/ip_forward").read_text().strip() == "1"
    except OSError:
        return False
