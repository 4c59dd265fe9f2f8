"""allowPrivilegeEscalation: false takes nothing from a process that is root already.

The flag (no_new_privs) keeps programs from gaining rights through set-user-ID files and file capabilities.
Root gains nothing through them: at each exec it gets all of the bounding set anyway, and keeps it. The flag
still matters where a process can step down to another user, because that user cannot come back; so nothing is
reported for a container that holds SETUID, as it does by default, nor for one that holds nothing at all. What
limits root are dropped capabilities, and another user.

**Fields:** `spec.containers[*].securityContext.allowPrivilegeEscalation`, likewise for initContainers and
ephemeralContainers, where the user is known to be 0. **Write instead:** `runAsUser` with another user, or
`capabilities.drop: ["ALL"]` without additions.

**Source:** capabilities(7), "Capabilities and execution of programs by root"; PR_SET_NO_NEW_PRIVS(2const).
"""

from collections.abc import Iterator

from ..findings import Finding, Severity
from ._linux import linux_containers
from ._text import quoted, who
from .model.effect import EffectCheck, Running, warn


def _find(running: Running) -> Iterator[Finding]:
    for placed, context in linux_containers(running):
        capabilities = context.capabilities.effective.value
        if context.no_new_privs.value is not True or context.uid.value != 0 or placed.privileged:
            continue
        if not isinstance(capabilities, tuple) or not capabilities or "SETUID" in capabilities:
            continue
        yield warn(
            CHECK,
            placed,
            ("securityContext", "allowPrivilegeEscalation"),
            f"{who(placed.container)} runs as root with capabilities [{quoted(capabilities)}], which "
            "allowPrivilegeEscalation: false does not remove: set runAsUser to another user, or drop "
            "the capabilities that it does not need",
            label="root has nothing to gain",
            help=("it blocks set-user-ID files and file capabilities, which give root nothing new",),
        )


CHECK = EffectCheck(
    id="allow-privilege-escalation-for-root",
    summary="allowPrivilegeEscalation: false for root, which has nothing to gain",
    severity=Severity.WARNING,
    find=_find,
)
