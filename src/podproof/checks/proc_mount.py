"""An unmasked /proc shows and lets change what the runtime hides for good reasons.

`procMount: Unmasked` removes the masks over /proc/kcore, /proc/keys, /sys/firmware and the rest, and the
read-only mounts over /proc/sys and /proc/sysrq-trigger.

**Restricted fields:** `spec.containers[*].securityContext.procMount`, likewise for initContainers and
ephemeralContainers. **Allowed values:** unset, `Default`; from v1.35 any value when `hostUsers` is false.

**Since:** v1.0, baseline; `proc-mount-restricted` replaces it at restricted from v1.35. **Source:** Pod
Security Standards; k8s.io/pod-security-admission, policy/check_procMount_baseline.go.
"""

from ..kube.pod import Container, Pod, PodSpec
from ._proc_mount import only_default
from .model.pod_security import PodSecurityCheck, Violation


def _unless_user_namespace(pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    return None if spec.host_users is False else only_default(pod, spec, containers)


CHECK = PodSecurityCheck(
    id="proc-mount",
    upstream_id="procMount",
    summary="an unmasked /proc",
    level="baseline",
    versions=((0, only_default), (35, _unless_user_namespace)),
)
