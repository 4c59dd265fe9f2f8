"""The network of a run: Services in it, and the ports of this machine that lead into it.

A plan goes in; while the run goes on, its pods come in, and connections reach them. All of it ends with this
process, or with the session's sandboxes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...runtimes.pods.values import RunOptions
from .engine import OpenEngine
from .plan import Plan
from .supervise import SupervisedPod

if TYPE_CHECKING:
    from .services import PlayedServices

__all__ = ["RunNetwork", "open_network"]


class RunNetwork:
    """What leads to a run's pods. `options` is what the pods are told of it."""

    def __init__(self, options: RunOptions, services: "PlayedServices | None") -> None:
        self.options = options
        self._services = services

    def update(self, pods: Sequence[SupervisedPod]) -> None:
        """Lead to the pods as they are now."""
        if self._services is not None:
            self._services.update([pod.snapshot for pod in pods])


@contextmanager
def open_network(
    plan: Plan, opened: OpenEngine, options: RunOptions, tell: Callable[[str], None]
) -> Iterator[RunNetwork]:
    """Make what the plan asks for; `tell` takes a line about what cannot be made."""
    if not plan.services:
        yield RunNetwork(options, None)
        return
    if (lacking := opened.engine.features().network) is not None:
        tell(f"Services are not played: {lacking}")
        yield RunNetwork(options, None)
        return
    # asyncio takes a while to import
    from ...runtimes.network.forwarder import Forwarder
    from .services import PlayedServices

    forwarder = Forwarder()
    try:
        services = PlayedServices(
            plan.services, engine=opened.engine, session=opened.session.id, forwarder=forwarder, tell=tell
        )
        yield RunNetwork(services.begin(options), services)
    finally:
        forwarder.close()
