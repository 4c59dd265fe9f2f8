"""hostNetwork, hostPID, hostIPC: whether pods may share these namespaces of the node.

Findings name fields of `spec.securityContext`, where upstream's internal type has them.
Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/provider.go, ValidatePod.
"""

from ...kube.field_error import Errors, invalid
from .pod_mutator import PodMutator
from .policy import PodSecurityPolicy


def validate_pod(errors: Errors, policy: PodSecurityPolicy, mutator: PodMutator) -> None:
    """Judge the three flags of the pod."""
    spec = policy.spec
    for key, allowed, name in (
        ("hostNetwork", spec.host_network, "network"),
        ("hostPID", spec.host_pid, "PID"),
        ("hostIPC", spec.host_ipc, "IPC"),
    ):
        if mutator.spec.get(key) and not allowed:
            detail = f"Host {name} is not allowed to be used"
            invalid(errors, ("spec", key), True, detail, field=f"spec.securityContext.{key}")
