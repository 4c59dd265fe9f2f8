"""Ordinary workloads do not need an unmasked /proc, even in a user namespace.

Baseline relaxes `procMount` for pods with `hostUsers: false` from v1.35; restricted does not.

**Restricted fields:** `spec.containers[*].securityContext.procMount`, likewise for initContainers and
ephemeralContainers. **Allowed values:** unset, `Default`.

**Since:** v1.35, restricted. **Source:** Pod Security Standards; k8s.io/pod-security-admission,
policy/check_procMount_restricted.go.
"""

from ..kube.pod import SecurityContext
from ._proc_mount import only_default
from .model.pod_security import PodSecurityCheck, When

CHECK = PodSecurityCheck(
    id="proc-mount-restricted",
    upstream_id="procMount_restricted",
    summary="an unmasked /proc, also in a user namespace",
    level="restricted",
    versions=((35, only_default),),
    overrides=("procMount",),
    when=When(((SecurityContext, "proc_mount"),)),
)
