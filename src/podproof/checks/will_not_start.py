"""A pod that the API server accepts may still never start.

The kubelet verifies `runAsNonRoot` against the user that the container would get, looks for the profiles
that it names, and refuses sysctls and profiles that the node does not have. The pod then hangs in
`CreateContainerConfigError` or fails outright, and only `kubectl describe` says why. The words are those that
kubectl would show. Only what is known to fail is reported: an image or a node that nothing is known of is not
held against the pod, and `start-undecided` says what is missing.

**Fields:** `runAsNonRoot`, `runAsUser`, `runAsGroup`, `seccompProfile`, `appArmorProfile`, `sysctls`,
`hostUsers`, `capabilities`. **Source:** kubernetes pkg/kubelet/kuberuntime; recorded statuses of kubelet
1.37.2 with containerd 1.6.20 and 2.3.7.
"""

from collections.abc import Iterator

from ..effective.sysctls import dotted
from ..findings import Route
from ..kube.go_format import quote
from ._effect import EffectCheck, Finding, Running, Severity, warn

_CONTEXT: Route = ("spec", "securityContext")
_ALLOWED = "a kubelet that has it in --allowed-unsafe-sysctls takes it: --node FILE, unsafe_sysctls, says so"


def _find(running: Running) -> Iterator[Finding]:
    start = running.start
    whole = start.event
    if whole is not None:
        reason = start.reason or whole.reason
        yield warn(
            CHECK,
            None,
            _pod_route(running, whole.message),
            f"pod will not start: {reason}: {whole.message}",
            help=(_ALLOWED,) if whole.message.endswith("not allowlisted") else (),
        )
        return
    for subject, verdict in zip(running.containers, start.containers, strict=True):
        if verdict.starts is False and verdict.event is not None:
            yield warn(
                CHECK,
                subject,
                _route(verdict.message),
                f'container "{verdict.name}" will not start: {verdict.reason}: {verdict.message}',
            )


def _route(message: str) -> Route:
    """Point at the field that the words are about; the security context where they name none."""
    if "runAsUser breaks" in message:
        return ("securityContext", "runAsUser")
    if "runAsNonRoot" in message:
        return ("securityContext", "runAsNonRoot")
    if "seccomp" in message or "localhostProfile" in message:
        return ("securityContext", "seccompProfile")
    if "apparmor" in message.lower():
        return ("securityContext", "appArmorProfile")
    if "caps" in message or "capabilit" in message:
        return ("securityContext", "capabilities")
    if "no users found" in message or "user" in message:
        return ("image",)
    return ("securityContext",)


def _pod_route(running: Running, message: str) -> Route:
    if "sysctl" in message:
        return _sysctl(running, message)
    if "AppArmor" in message:
        return _apparmor(running)
    if "OS field" in message:
        return ("spec", "os")
    if "hostUsers" in message or "user namespaces" in message:
        return ("spec", "hostUsers")
    if "user group" in message:
        return (*_CONTEXT, "runAsGroup")
    return _CONTEXT


def _sysctl(running: Running, message: str) -> Route:
    """Point at the sysctl that the words name, which is the first one of its name."""
    spec = running.pod.spec
    context = spec.security_context if spec else None
    for index, sysctl in enumerate((context.sysctls if context else None) or ()):
        if quote(dotted(sysctl.name or "")) in message:
            return (*_CONTEXT, "sysctls", index)
    return (*_CONTEXT, "sysctls")


def _apparmor(running: Running) -> Route:
    """Point at the first container that asks for a profile itself; where none does, the pod does."""
    for subject in running.containers:
        profile = subject.context.app_armor_profile
        if profile is not None and profile.type != "Unconfined":
            return (*subject.route, "securityContext", "appArmorProfile")
    return (*_CONTEXT, "appArmorProfile")


CHECK = EffectCheck(
    id="will-not-start",
    summary="pods and containers that the node refuses to start",
    severity=Severity.ERROR,
    find=_find,
)
