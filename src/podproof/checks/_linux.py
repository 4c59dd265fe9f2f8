"""The containers that a Linux node would run, and their capability lists as written.

A running pod comes in; nothing is judged here.
"""

from ..effective.predicted import PredictedContext
from ..effective.subject import Subject
from .model.effect import Running

ADD = ("securityContext", "capabilities", "add")
DROP = ("securityContext", "capabilities", "drop")


def linux_containers(running: Running) -> tuple[tuple[Subject, PredictedContext], ...]:
    """Give the containers with their contexts; a Windows pod has none that the Linux kernel sees."""
    return running.on_linux


def added(subject: Subject) -> tuple[str, ...]:
    """Give the names in capabilities.add as written."""
    capabilities = subject.context.capabilities
    return (capabilities.add if capabilities else None) or ()


def dropped(subject: Subject) -> tuple[str, ...]:
    """Give the names in capabilities.drop as written."""
    capabilities = subject.context.capabilities
    return (capabilities.drop if capabilities else None) or ()
