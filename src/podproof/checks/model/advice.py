"""What the checks of advice share: nothing is broken, and yet less would do.

One running pod comes in, notes go out. Advice is about the effective value, whoever set it, so that it is
the same at every level; what is unknown (the user of an image, say) is never held against a pod. A check
names the checks that say the same as errors, and the session leaves its note out where one of them has
spoken.
"""

from typing import ClassVar

from ...effective.container_in_pod import ContainerInPod
from ...findings import ContainerRef, Finding, Route, Severity
from ...kube.pod import Container
from .check import Check
from .effect import EffectCheck

__all__ = ["AdviceCheck", "advise", "name_of"]


class AdviceCheck(EffectCheck, frozen=True, kw_only=True):
    """A check that advises.

    `covered_by` names checks whose finding in the same container, or in its pod as a whole, makes the note a
    repetition. `about_pods`: some of its notes are about the pod as a whole, which only that of a check about
    the whole pod repeats.
    """

    kind: ClassVar[str] = "advice"

    severity: Severity = Severity.NOTE
    covered_by: tuple[str, ...] = ()
    about_pods: bool = False


def advise(
    check: Check,
    placed: ContainerInPod | None,
    route: Route,
    message: str,
    *,
    label: str = "",
    related: tuple[Route, ...] = (),
) -> Finding:
    """Make a note about a container (`route` counted from it), or about the pod when `placed` is None.

    `related` are counted from the pod.
    """
    base: Route = () if placed is None else placed.route
    container = None if placed is None else name_of(placed)
    place = base + route
    return Finding(check.id, check.severity, message, place, container, label, related=related, advice=True)


def name_of(placed: ContainerInPod) -> ContainerRef:
    """Name the container in a finding."""
    container: Container = placed.container
    return ContainerRef(container.name or "", placed.kind)
