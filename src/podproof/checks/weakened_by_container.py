"""A container's own setting replaces the pod's, even if it is weaker.

Whoever reads `runAsNonRoot: true` at the top of a pod takes it for all of its containers. One line further
down takes it back for a single one, which then runs as root or without a filter while the pod looks strict.

**Fields:** `runAsNonRoot`, `runAsUser`, `seccompProfile`, `appArmorProfile` (and its annotations) of a
container, where the pod sets the stricter value. **Source:** kubernetes pkg/securitycontext/util.go,
DetermineEffectiveSecurityContext; pkg/kubelet/kuberuntime/helpers_linux.go; pkg/security/apparmor/helpers.go.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from ..effective.apparmor import ANNOTATION_PREFIX, requested_apparmor
from ..effective.container_in_pod import POD_CONTEXT, ContainerInPod
from ..findings import Finding, Route, Severity
from ..kube.pod import AppArmorProfile, SeccompProfile
from ._text import who
from .model.effect import EffectCheck, Running, warn
from .model.facts import OVERRIDDEN

_STRICT = ("RuntimeDefault", "Localhost")


def _find(running: Running) -> Iterator[Finding]:
    for placed in running.containers:
        yield from _user(placed)
        yield from _seccomp(placed)
        yield from _apparmor(placed)


def _user(placed: ContainerInPod) -> Iterator[Finding]:
    own, pod = placed.context, placed.pod_context
    if own.run_as_non_root is False and pod.run_as_non_root:
        yield _weaker(placed, "runAsNonRoot", "false", "true")
    if own.run_as_user == 0 and pod.run_as_user:
        yield _weaker(placed, "runAsUser", "0", pod.run_as_user)


def _seccomp(placed: ContainerInPod) -> Iterator[Finding]:
    own, pod = placed.context.seccomp_profile, placed.pod_context.seccomp_profile
    # privileged: no filter either way
    if own is None or pod is None or placed.privileged:
        return
    if own.type == "Unconfined" and pod.type in _STRICT:
        yield _weaker(placed, "seccompProfile", "Unconfined", _profile(pod))


def _apparmor(placed: ContainerInPod) -> Iterator[Finding]:
    pod, asked = placed.pod_context.app_armor_profile, requested_apparmor(placed)
    if pod is None or asked is None or pod.type not in _STRICT or asked[0].type != "Unconfined":
        return
    # privileged: the runtime skips its default profile, but not one that is named
    if placed.privileged and pod.type == "RuntimeDefault":
        return
    finding = _weaker(placed, "appArmorProfile", "Unconfined", _profile(pod))
    key = f"{ANNOTATION_PREFIX}{placed.container.name}"
    metadata = placed.pod.metadata
    if metadata is not None and key in (metadata.annotations or {}):
        # the API server copies the annotation to the container's field: point at what was written
        finding = replace(finding, route=("metadata", "annotations", key))
    yield finding


def _profile(profile: SeccompProfile | AppArmorProfile) -> str:
    if profile.type == "Localhost":
        return f"Localhost ({profile.localhost_profile or ''})"
    return profile.type or ""


def _weaker(placed: ContainerInPod, field: str, own: str, pod: str | int) -> Finding:
    route: Route = ("securityContext", field)
    finding = warn(
        CHECK,
        placed,
        route,
        f"{who(placed.container)} weakens the pod's {field} from {pod} to {own}: "
        "remove it, or set the pod's value",
        label=f"replaces the pod's {pod}",
    )
    return replace(finding, related=((*POD_CONTEXT, field),))


CHECK = EffectCheck(
    id="weakened-by-container",
    summary="containers that weaken what their pod sets",
    severity=Severity.WARNING,
    find=_find,
    when=OVERRIDDEN,
)
