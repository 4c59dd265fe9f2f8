"""The network of a run: Services in it, and the ports of this machine that lead into it.

A plan goes in; while the run goes on, its pods come in, and connections reach them. All of it ends with this
process, or with the session's sandboxes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...errors import StateError
from ...kube.service import named_port
from ...runtimes.pods.reach import NetworkLocation
from ...runtimes.pods.values import RunOptions
from .engine import OpenEngine
from .plan import Plan
from .publish import Published, bind, host_ports, owner_of, shown
from .supervise import SupervisedPod

if TYPE_CHECKING:
    from ...runtimes.network.forwarder import Forwarder
    from .services import PlayedServices

__all__ = ["RunNetwork", "open_network"]


class RunNetwork:
    """What leads to a run's pods. `options` is what the pods are told of it.

    `lacking`: why pods have no addresses; None where they have.
    """

    def __init__(self, options: RunOptions, lacking: str | None = None) -> None:
        self.options = options
        self._lacking = lacking
        self._services: PlayedServices | None = None
        self._pods: Sequence[SupervisedPod] = ()

    def update(self, pods: Sequence[SupervisedPod]) -> None:
        """Lead to the pods as they are now."""
        self._pods = pods
        if self._services is not None:
            self._services.update([pod.snapshot for pod in pods])

    def play(self, services: "PlayedServices") -> None:
        """Play Services, of which pods that start from now on are told."""
        self._services = services
        self.options = services.begin(self.options)

    def open(self, published: Published, forwarder: "Forwarder") -> None:
        """Let a port of this machine lead to its pods. Raises OSError: it is not free."""
        if published.protocol == "UDP" and self._lacking is not None:
            raise OSError(f"pods have no address for datagrams: {self._lacking}")
        serve = forwarder.listen if published.protocol == "TCP" else forwarder.relay
        serve(bind(published), lambda: list(self._endpoints(published)))

    def _endpoints(self, published: Published) -> Iterator[tuple[NetworkLocation, int]]:
        for pod in tuple(self._pods):
            location = pod.location
            if location is None or owner_of(pod.planned) not in published.owners:
                continue
            port = named_port(pod.planned.pod, published.target, published.protocol)
            if port is not None and pod.snapshot.running:
                yield location, port


@contextmanager
def open_network(
    plan: Plan,
    opened: OpenEngine,
    options: RunOptions,
    *,
    published: Sequence[Published] = (),
    allow_host_ports: bool = False,
    tell: Callable[[str], None],
) -> Iterator[RunNetwork]:
    """Make what is asked for; `tell` takes a line about what of the plan cannot be made.

    `published` are resolved. Raises StateError: one of their ports is not free.
    """
    ports = list(host_ports(plan, allowed=allow_host_ports, tell=tell))
    if not (published or ports or plan.services):
        yield RunNetwork(options)
        return
    lacking = opened.engine.features().network
    network = RunNetwork(options, lacking)
    # asyncio takes a while to import
    from ...runtimes.network.forwarder import Forwarder
    from .services import PlayedServices

    forwarder = Forwarder()
    try:
        for one in published:
            try:
                network.open(one, forwarder)
            except OSError as error:
                raise StateError(f"--publish {one.text}: {_why(one, error)}") from error
        for one in ports:
            try:
                network.open(one, forwarder)
            except OSError as error:
                tell(f"{one.text} is not opened: {_why(one, error)}")
        if plan.services and lacking is not None:
            tell(f"Services are not played: {lacking}")
        elif plan.services:
            session = opened.session.id
            network.play(
                PlayedServices(
                    plan.services, engine=opened.engine, session=session, forwarder=forwarder, tell=tell
                )
            )
        yield network
    finally:
        forwarder.close()


def _why(one: Published, error: OSError) -> str:
    why = error.strerror.lower() if error.strerror else str(error)
    return f"{shown(one)} cannot be opened: {why}"
