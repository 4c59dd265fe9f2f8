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

from ..findings import Finding, Severity
from .model.effect import EffectCheck, Running, warn

_ALLOWED = "a kubelet that has it in --allowed-unsafe-sysctls takes it: --node FILE, unsafe_sysctls, says so"


def _find(running: Running) -> Iterator[Finding]:
    start = running.start
    whole = start.event
    if whole is not None:
        reason = start.reason or whole.reason
        yield warn(
            CHECK,
            None,
            whole.route,
            f"pod will not start: {reason}: {whole.message}",
            help=(_ALLOWED,) if whole.message.endswith("not allowlisted") else (),
        )
        return
    for placed, prediction in zip(running.containers, start.containers, strict=True):
        if prediction.starts is False and prediction.event is not None:
            yield warn(
                CHECK,
                placed,
                prediction.route[len(placed.route) :],
                f'container "{prediction.name}" will not start: {prediction.reason}: {prediction.message}',
            )


CHECK = EffectCheck(
    id="will-not-start",
    summary="pods and containers that the node refuses to start",
    severity=Severity.ERROR,
    find=_find,
)
