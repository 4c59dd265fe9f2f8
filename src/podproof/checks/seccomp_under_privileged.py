"""A privileged container runs without a seccomp filter, whatever profile it or its pod asks for.

The profile is in the manifest, policies that look for it are satisfied, and yet every system call is open.

**Fields:** `spec.containers[*].securityContext.seccompProfile`, likewise for initContainers and
ephemeralContainers, and `spec.securityContext.seccompProfile`, where the container has `privileged: true`.
**Write instead:** no `privileged` where the profile is meant; `type: Unconfined` in the container where
privileged is.

**Source:** containerd internal/cri/server, container_create_linux.go; recorded with containerd 1.6.20 and
2.3.7.
"""

from collections.abc import Iterator

import msgspec

from ..effective.container_in_pod import POD_CONTEXT
from ..effective.seccomp import requested_seccomp
from ..findings import Finding, Severity
from ._linux import linux_containers
from ._text import who
from .model.effect import EffectCheck, Running, warn
from .model.facts import PRIVILEGED


def _find(running: Running) -> Iterator[Finding]:
    for placed, _ in linux_containers(running):
        if not placed.privileged:
            continue
        profile, origin = requested_seccomp(placed)
        if profile.type not in ("RuntimeDefault", "Localhost") or origin.kind == "kubernetes":
            continue
        own = placed.context.seccomp_profile is not None
        finding = warn(
            CHECK,
            placed,
            ("securityContext", "seccompProfile" if own else "privileged"),
            f"{who(placed.container)} runs without seccomp because of privileged: true, although "
            f"{'it' if own else 'the pod'} has seccompProfile.type: {profile.type}: remove privileged, or "
            "write seccompProfile.type: Unconfined in the container",
            label="not applied" if own else "no seccomp filter",
        )
        if own:
            yield finding
        else:
            yield msgspec.structs.replace(finding, related=((*POD_CONTEXT, "seccompProfile"),))


CHECK = EffectCheck(
    id="seccomp-under-privileged",
    summary="seccomp profiles that a privileged container does not get",
    severity=Severity.WARNING,
    find=_find,
    when=PRIVILEGED,
)
