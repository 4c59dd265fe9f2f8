"""What the checks of effects share: one pod as the node would run it comes in, findings go out.

These checks read the effective contexts: what the kernel will enforce, and who set it. They tell where a
setting does nothing, or something else than it looks like; what is unknown (an image, a node) is never held
against a pod.
"""

from collections.abc import Callable, Iterator
from typing import ClassVar

import msgspec

from ...edits.edit import Fix, based
from ...effective.container_in_pod import ContainerInPod
from ...effective.predicted import PredictedContext
from ...findings import ContainerRef, Finding, Route
from ...kube.pod import Pod
from ...kubelet.start_prediction import PodStartPrediction
from .check import Check

__all__ = ["EffectCheck", "Running", "warn"]


class Running(msgspec.Struct, frozen=True, gc=False):
    """One pod as a node would run it.

    `containers` are in starting order (init, regular, ephemeral); `on_linux` has them with what is predicted
    of their processes, and is empty where the pod asks for Windows. Routes of findings are counted from the
    pod object.
    """

    pod: Pod
    containers: tuple[ContainerInPod, ...]
    on_linux: tuple[tuple[ContainerInPod, PredictedContext], ...]
    start: PodStartPrediction


class EffectCheck(Check, frozen=True, kw_only=True):
    """A check of what a setting really does: `find` yields its findings in the pod it is given.

    `when` are facts without any of which it finds nothing, so that it need not be asked; 0: it always is.
    """

    kind: ClassVar[str] = "effect"

    find: Callable[[Running], Iterator[Finding]]
    when: int = 0


def warn(
    check: Check,
    placed: ContainerInPod | None,
    route: Route,
    message: str,
    *,
    label: str = "",
    help: tuple[str, ...] = (),
    fix: Fix | None = None,
) -> Finding:
    """Make a finding about a container, or about the pod when `placed` is None.

    `route` and those of `fix` are counted from it.
    """
    if placed is None:
        return Finding(check.id, check.severity, message, route, None, label, help, fix)
    container = ContainerRef(placed.container.name or "", placed.kind)
    route = (*placed.route, *route)
    return Finding(
        check.id, check.severity, message, route, container, label, help, fix and based(fix, placed.route)
    )
