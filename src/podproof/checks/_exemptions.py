"""Pods that a control leaves alone from some version on, since they are for Windows nodes.

A control's function comes in, one that exempts such pods goes out.
"""

from ..kube.pod import PodSpec
from .model.pod_security import CheckFunction, ExemptingFunction

__all__ = ["except_windows", "is_windows"]


def is_windows(spec: PodSpec) -> bool:
    """Say whether `spec.os.name` is `windows`, exactly so written; upstream looks at nothing else."""
    return spec.os is not None and spec.os.name == "windows"


def except_windows(evaluate: CheckFunction) -> CheckFunction:
    """Exempt Windows pods.

    Source: k8s.io/pod-security-admission, policy/check_allowPrivilegeEscalation.go.
    """
    return ExemptingFunction(evaluate, is_windows)
