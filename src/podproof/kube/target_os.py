"""Which operating system a pod's nodes must have: a typed pod comes in, what asks for it goes out.

Only demands count: spec.os, the node selector, and node affinity that is required; a preference is none.
Source: kubernetes component-helpers scheduling/corev1/nodeaffinity; the well-known label kubernetes.io/os.
"""

import msgspec

from ..manifest.route import Route
from .pod import NodeSelectorTerm, Pod, PodSpec

__all__ = ["TargetOS", "is_for_windows", "target_os"]

LABELS = ("kubernetes.io/os", "beta.kubernetes.io/os")
"""The node's label and, up to Kubernetes 1.18, its older name."""

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


class TargetOS(msgspec.Struct, frozen=True):
    """The name of the system (`windows`, `linux`), and the route in the pod of what asks for it."""

    name: str
    route: Route


def target_os(pod: Pod) -> TargetOS | None:
    """Give the one system that the pod's nodes must have; None when nothing demands one."""
    spec = pod.spec
    if spec is None:
        return None
    if spec.os is not None and spec.os.name:
        return TargetOS(spec.os.name, ("spec", "os", "name"))
    if spec.node_selector:
        for label in LABELS:
            value = spec.node_selector.get(label)
            if value:
                return TargetOS(value, ("spec", "nodeSelector", label))
    return _affinity(spec) if spec.affinity is not None else None


def is_for_windows(pod: Pod) -> bool:
    """Say whether the pod goes to Windows nodes only, by `spec.os`, node selector or required affinity."""
    asked = target_os(pod)
    return asked is not None and asked.name == "windows"


def _affinity(spec: PodSpec) -> TargetOS | None:
    """Read required node affinity: one of its terms must hold, so all of them have to say the same."""
    node = spec.affinity.node_affinity if spec.affinity else None
    required = node.required if node else None
    terms = (required.node_selector_terms if required else None) or ()
    names = {_term(term) for term in terms}
    if len(names) != 1 or None in names:
        return None
    (name,) = names
    return TargetOS(name, ("spec", "affinity", "nodeAffinity", _REQUIRED)) if name else None


def _term(term: NodeSelectorTerm) -> str | None:
    for expression in term.match_expressions or ():
        values = expression.values or ()
        if expression.key in LABELS and expression.operator == "In" and len(values) == 1:
            return values[0]
    return None
