"""The seccomp annotations of old manifests filter nothing since Kubernetes 1.27.

Up to 1.26 the API server copied them to the fields; since then nobody reads them, and the container runs
without any filter while its manifest seems to ask for one. (AppArmor's annotations are still copied, and one
for a container that does not exist is refused.)

**Fields:** the annotations `seccomp.security.alpha.kubernetes.io/pod` and
`container.seccomp.security.alpha.kubernetes.io/NAME`, unless the fields ask for the same profile.
**Since:** v1.27. **Source:** kubernetes pkg/api/pod/warnings.go; the pod strategy of 1.19 to 1.26.
"""

from collections.abc import Iterator

from ..effective.container_in_pod import ContainerInPod
from ..effective.seccomp import requested_seccomp
from ..findings import Finding, Severity
from ..kube.pod import SeccompProfile
from .model.effect import EffectCheck, Running, warn
from .model.facts import ANNOTATIONS

_POD = "seccomp.security.alpha.kubernetes.io/pod"
_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"


def _find(running: Running) -> Iterator[Finding]:
    metadata = running.pod.metadata
    if metadata is None or not metadata.annotations or not running.containers:
        return
    if running.containers[0].setting.version < 27:
        return
    for key, value in metadata.annotations.items():
        wanted = _profile(value or "")
        if wanted is None or not key.startswith((_CONTAINER, _POD)):
            continue
        if key == _POD:
            # up to 1.26 a container's own annotation or field came first
            meant = tuple(s for s in running.containers if not _has_own(s, metadata.annotations))
            if all(_same(placed, wanted) for placed in meant):
                continue
            yield _ignored("pod", key, value or "", _write(wanted, "the pod's securityContext"))
        elif key.startswith(_CONTAINER):
            name = key.removeprefix(_CONTAINER)
            named = next((s for s in running.containers if s.container.name == name), None)
            if named is None:
                yield _ignored("pod", key, value or "", f'remove it, there is no container "{name}"')
            elif not _same(named, wanted):
                remedy = _write(wanted, "its securityContext")
                yield _ignored(f'container "{name}"', key, value or "", remedy)


def _profile(value: str) -> SeccompProfile | None:
    """Read an annotation; None for what the API server refuses."""
    if value in ("runtime/default", "docker/default"):
        return SeccompProfile("RuntimeDefault")
    if value.startswith("localhost/"):
        return SeccompProfile("Localhost", value.removeprefix("localhost/"))
    return SeccompProfile("Unconfined") if value == "unconfined" else None


def _has_own(placed: ContainerInPod, annotations: dict[str, str | None]) -> bool:
    return (
        placed.context.seccomp_profile is not None
        or f"{_CONTAINER}{placed.container.name or ''}" in annotations
    )


def _same(placed: ContainerInPod, wanted: SeccompProfile) -> bool:
    profile = requested_seccomp(placed)[0]
    return (profile.type, profile.localhost_profile) == (wanted.type, wanted.localhost_profile)


def _write(wanted: SeccompProfile, where: str) -> str:
    name = "" if wanted.localhost_profile is None else f", localhostProfile: {wanted.localhost_profile}"
    return f"write seccompProfile: {{type: {wanted.type}{name}}} in {where}"


def _ignored(about: str, key: str, value: str, remedy: str) -> Finding:
    return warn(
        CHECK,
        None,
        ("metadata", "annotations", key),
        f"{about} has the annotation {key}: {value}, which is not read since Kubernetes 1.27: {remedy}",
        label="without effect",
    )


CHECK = EffectCheck(
    id="seccomp-annotation-ignored",
    summary="seccomp annotations that are no longer read",
    severity=Severity.WARNING,
    find=_find,
    when=ANNOTATIONS,
)
