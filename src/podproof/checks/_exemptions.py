"""Pods that a control leaves alone from some version on: for Windows nodes, or in a user namespace.

A control's function comes in, one that exempts such pods goes out.
"""

from ..kube.pod import Container, Pod, PodSpec
from .model.pod_security import CheckFunction, Violation

__all__ = ["except_in_user_namespace", "except_windows", "is_windows"]


def is_windows(spec: PodSpec) -> bool:
    """Say whether `spec.os.name` is `windows`, exactly so written; upstream looks at nothing else."""
    return spec.os is not None and spec.os.name == "windows"


def except_windows(evaluate: CheckFunction) -> CheckFunction:
    """Exempt Windows pods.

    Source: k8s.io/pod-security-admission, policy/check_allowPrivilegeEscalation.go.
    """

    def unless_windows(pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
        return None if is_windows(spec) else evaluate(pod, spec, containers)

    return unless_windows


def except_in_user_namespace(evaluate: CheckFunction) -> CheckFunction:
    """Exempt pods with `hostUsers: false`, whose users are nobody on the node.

    Source: k8s.io/pod-security-admission, policy/check_runAsUser.go.
    """

    def unless_user_namespace(pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
        return None if spec.host_users is False else evaluate(pod, spec, containers)

    return unless_user_namespace
