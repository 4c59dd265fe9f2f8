"""A pod that the API server accepts may still never start.

The kubelet verifies `runAsNonRoot` against the user that the container would get, looks for the profiles
that it names, and refuses sysctls and profiles that the node does not have. The pod then hangs in
`CreateContainerConfigError` or fails outright, and only `kubectl describe` says why. The words are those that
kubectl would show. Only what is known to fail is reported: an image or a node that nothing is known of is not
held against the pod, and `start-undecided` says what is missing.

**Fields:** `runAsNonRoot`, `runAsUser`, `runAsGroup`, `seccompProfile`, `appArmorProfile`, `sysctls`,
`hostUsers` (with volumes on NFS or SMB, which cannot be mapped), `capabilities`. **Source:** kubernetes
pkg/kubelet/kuberuntime; recorded statuses of kubelet 1.37.2 with containerd 1.6.20 and 2.3.7.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from ..effective.container_in_pod import POD_CONTEXT
from ..effective.sysctls import dotted
from ..findings import Finding, Route, Severity
from ..kubelet.admit import is_allowlisted
from .model.effect import EffectCheck, Running, warn

_ALLOWED = "a kubelet that has it in --allowed-unsafe-sysctls takes it: --node FILE, unsafe_sysctls, says so"


def _find(running: Running) -> Iterator[Finding]:
    start = running.start
    if start.event is not None:
        event = start.event
        message = f"pod will not start: {start.reason or event.reason}: {event.message}"
        yield warn(CHECK, None, event.route, message, help=_help(running, event.route))
        return
    for placed, prediction in zip(running.containers, start.containers, strict=True):
        if prediction.starts is False and prediction.event is not None:
            why = f"{prediction.reason}: {prediction.message}"
            finding = warn(CHECK, placed, (), f'container "{prediction.name}" will not start: {why}')
            # the prediction counts its route from the pod
            yield replace(finding, route=prediction.route)


def _help(running: Running, route: Route) -> tuple[str, ...]:
    """Tell how a sysctl becomes allowed, where one that the kubelet does not allow stops the pod."""
    index = route[-1] if route[:-1] == (*POD_CONTEXT, "sysctls") else None
    spec = running.pod.spec
    if not isinstance(index, int) or spec is None or spec.security_context is None or not running.containers:
        return ()
    name = dotted((spec.security_context.sysctls or ())[index].name or "")
    setting = running.containers[0].setting
    return () if is_allowlisted(name, setting.node, setting.version) else (_ALLOWED,)


CHECK = EffectCheck(
    id="will-not-start",
    summary="pods and containers that the node refuses to start",
    severity=Severity.ERROR,
    find=_find,
)
