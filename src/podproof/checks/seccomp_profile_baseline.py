"""Seccomp narrows the kernel's interface to the calls that ordinary programs need.

Turning it off gives a container every system call there is, and with them every hole in the rarely used ones.

**Restricted fields:** `seccompProfile.type` in the security context of the pod and of every container; below
v1.19 the annotations `seccomp.security.alpha.kubernetes.io/pod` and
`container.seccomp.security.alpha.kubernetes.io/NAME` of containers that exist. **Allowed values:** unset,
`RuntimeDefault`, `Localhost`; in the annotations `runtime/default`, `docker/default`, `localhost/*`.

**Since:** v1.0, baseline; `seccomp-profile-restricted` replaces it at restricted from v1.19. **Source:** Pod
Security Standards; k8s.io/pod-security-admission, policy/check_seccompProfile_baseline.go.
"""

from ..kube.go_format import quote
from ..kube.pod import Container, Pod, PodSecurityContext, PodSpec, SecurityContext
from ._seccomp import explicit
from ._text import plural
from .model.pod_security import PodSecurityCheck, Spot, Violation, When, remove_value

_POD = "seccomp.security.alpha.kubernetes.io/pod"
_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"


def _annotations(pod: Pod, _spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    annotations = pod.metadata.annotations if pod.metadata is not None else None
    if not annotations:
        return None
    bad: dict[str, str] = {}
    for key in (_POD, *(_CONTAINER + (c.name or "") for c in containers)):
        if key in annotations and not _valid(value := annotations[key] or ""):
            bad[key] = value
    if not bad:
        return None
    printed = sorted(f"{key}={quote(value)}" for key, value in bad.items())
    return Violation(
        "seccompProfile",
        f"forbidden {plural(len(printed), 'annotation', 'annotations')} {', '.join(printed)}",
        lambda: [_spot(key, value) for key, value in bad.items()],
    )


def _spot(key: str, value: str) -> Spot:
    """Name one annotation. It goes rather than change: servers since 1.27 do not read it."""
    route = ("metadata", "annotations", key)
    message = f'pod must not set the seccomp profile "{value}" by annotation'
    return Spot(None, route, message, "remove it", remove_value(route))


def _valid(value: str) -> bool:
    return value in ("runtime/default", "docker/default") or value.startswith("localhost/")


def _fields(_pod: Pod, spec: PodSpec, containers: tuple[Container, ...]) -> Violation | None:
    return explicit(spec, containers)


CHECK = PodSecurityCheck(
    id="seccomp-profile-baseline",
    upstream_id="seccompProfile_baseline",
    summary="seccomp turned off",
    level="baseline",
    versions=((0, _annotations), (19, _fields)),
    when=When(
        ((PodSecurityContext, "seccomp_profile"), (SecurityContext, "seccomp_profile")), (_POD, _CONTAINER)
    ),
)
