"""Pods for Windows nodes: with `spec.os`, nothing of Linux is asked of them, and what does nothing goes.

An object and a pod of it come in, a change goes out.
"""

from collections.abc import Iterator
from typing import Any

from ..edits.edit import Edit
from ..kube.target_os import LABELS
from ..manifest.route import Route, value_at
from .change import PlannedChange, PodToFix
from .loosening import ONLY_ON_LINUX

__all__ = ["EXEMPT_SINCE", "OF_LINUX", "plan_windows"]

OF_LINUX = ("allow-privilege-escalation", "capabilities-restricted", "seccomp-profile-restricted")
"""Controls that leave pods alone whose `spec.os` is Windows, from level version 1.25 on."""

EXEMPT_SINCE = 25

_WHY = "its nodeSelector wants Windows, where the settings of Linux do nothing"


def plan_windows(value: Any, pod: PodToFix) -> PlannedChange | None:
    """Write `spec.os` into a pod whose node selector asks for Windows; None where it does not, or says it."""
    selector = value_at(value, (*pod.spec, "nodeSelector"))
    asks = isinstance(selector, dict) and any(selector.get(label) == "windows" for label in LABELS)
    if not asks or value_at(value, (*pod.spec, "os")) is not None:
        return None
    edits = [Edit(route, "remove") for place in (pod.spec, *pod.places) for route in _of_linux(value, place)]
    edits.append(Edit((*pod.spec, "os", "name"), "set", "windows"))
    what = "os.name: windows"
    if len(edits) > 1:
        what += f", remove {', '.join(dict.fromkeys(str(edit.route[-1]) for edit in edits[:-1]))}"
    return PlannedChange("same", tuple(edits), what, _WHY, OF_LINUX)


def _of_linux(value: Any, place: Route) -> Iterator[Route]:
    """Give the fields of a pod's spec, or of a container, that only Linux has."""
    for parent in (place, (*place, "securityContext")):
        there = value_at(value, parent)
        for name in there if isinstance(there, dict) else ():
            if name in ONLY_ON_LINUX:
                yield (*parent, name)
