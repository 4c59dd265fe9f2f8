"""Pods that a control leaves alone from some version on, since they are for Windows nodes.

A control's function comes in, one that exempts such pods goes out.
"""

from ..kube.pod import Container, Pod, PodSpec
from .model.pod_security import CheckFunction, Violation

__all__ = ["except_windows", "is_windows"]


def is_windows(spec: PodSpec) -> bool:
    """Say whether `spec.os.name` is `windows`, exactly so written; upstream looks at nothing else."""
    return spec.os is not None and spec.os.name == "windows"


def except_windows(evaluate: CheckFunction) -> CheckFunction:
    """Exempt Windows pods.

    Source: k8s.io/pod-security-admission, policy/check_allowPrivilegeEscalation.go.
    """

    def unless_windows(pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
        # most pods say nothing of their system
        return None if spec.os is not None and is_windows(spec) else evaluate(pod, spec, containers)

    return unless_windows
