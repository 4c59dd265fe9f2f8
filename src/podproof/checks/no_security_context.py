"""A container without a security context gets the defaults, and the defaults are wide.

It runs as the user that its image names, mostly root, with a dozen capabilities, a writable root file system
and programs that may gain privileges. Some settings exist on the pod and hold for all of its containers;
others (capabilities, privilege escalation, the root file system) exist on containers only.

**Fields:** `spec.securityContext` and `securityContext` of containers, both absent or empty. **Write
instead:** in the container `allowPrivilegeEscalation: false`, `capabilities: {drop: [ALL]}`,
`readOnlyRootFilesystem: true`; in the pod `runAsNonRoot: true` and `seccompProfile: {type: RuntimeDefault}`.

**Source:** the text the project started from, "Set security contexts on all your Pods and containers";
kubernetes pkg/securitycontext/util.go.
"""

from collections.abc import Iterator

from ..findings import Finding
from ._linux import linux_containers
from ._text import who
from .model.advice import AdviceCheck, advise
from .model.effect import Running


def _find(running: Running) -> Iterator[Finding]:
    for placed, _ in linux_containers(running):
        if placed.context.is_empty and placed.pod_context.is_empty:
            yield advise(
                CHECK,
                placed,
                ("securityContext",),
                f"{who(placed.container)} sets no security field, nor does its pod: set runAsNonRoot: true, "
                "allowPrivilegeEscalation: false, readOnlyRootFilesystem: true and "
                'capabilities.drop: ["ALL"]',
                label="everything is at its default",
            )


CHECK = AdviceCheck(
    id="no-security-context",
    summary="containers without a security context, their own or the pod's",
    find=_find,
    covered_by=("capabilities-restricted", "allow-privilege-escalation", "run-as-non-root"),
)
