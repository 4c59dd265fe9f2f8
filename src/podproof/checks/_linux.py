"""The containers that a Linux node would run, and their capability lists as written.

A running pod comes in; nothing is judged here.
"""

from ..effective.container_in_pod import ContainerInPod
from ..effective.predicted import PredictedContext
from .model.effect import Running

ADD = ("securityContext", "capabilities", "add")
DROP = ("securityContext", "capabilities", "drop")


def linux_containers(running: Running) -> tuple[tuple[ContainerInPod, PredictedContext], ...]:
    """Give the containers with their contexts; a Windows pod has none that the Linux kernel sees."""
    return running.on_linux


def added(placed: ContainerInPod) -> tuple[str, ...]:
    """Give the names in capabilities.add as written."""
    capabilities = placed.context.capabilities
    return (capabilities.add if capabilities else None) or ()


def dropped(placed: ContainerInPod) -> tuple[str, ...]:
    """Give the names in capabilities.drop as written."""
    capabilities = placed.context.capabilities
    return (capabilities.drop if capabilities else None) or ()
