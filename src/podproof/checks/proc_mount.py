"""An unmasked /proc exposes, and makes writable, what the runtime hides for good reasons.

`procMount: Unmasked` removes the masks over /proc/kcore, /proc/keys, /sys/firmware and the rest, and the
read-only mounts over /proc/sys and /proc/sysrq-trigger.

**Restricted fields:** `spec.containers[*].securityContext.procMount`, likewise for initContainers and
ephemeralContainers. **Allowed values:** unset, `Default`; from v1.35 any value when `hostUsers` is false; at
every version on servers 1.31 to 1.34 whose gate UserNamespacesPodSecurityStandards is on.

**Since:** v1.0, baseline; `proc-mount-restricted` replaces it at restricted from v1.35. **Source:** Pod
Security Standards; k8s.io/pod-security-admission, policy/check_procMount_baseline.go.
"""

from ..kube.pod import SecurityContext
from ._proc_mount import only_default
from .model.pod_security import PodSecurityCheck, When, except_in_user_namespace

CHECK = PodSecurityCheck(
    id="proc-mount",
    upstream_id="procMount",
    summary="an unmasked /proc",
    level="baseline",
    versions=((0, only_default), (35, except_in_user_namespace(only_default))),
    relaxed_since=31,
    when=When(((SecurityContext, "proc_mount"),)),
)
