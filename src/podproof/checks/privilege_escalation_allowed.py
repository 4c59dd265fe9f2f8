"""A program with the set-user-ID bit lets any user become root, unless escalation is switched off.

`runAsUser` decides who starts; `su`, `mount` and their like in the image decide which user the process may
become. `allowPrivilegeEscalation: false` sets the kernel's no_new_privs, and the bit, like file capabilities,
is then ignored. It exists on containers only.

**Fields:** `securityContext.allowPrivilegeEscalation` of containers, absent or true. Not advised where it is
not accepted (privileged, `CAP_SYS_ADMIN` added) or would do nothing (root that keeps other capabilities but
not SETUID), nor where true is written beside added capabilities: files with capabilities are then how a user
other than root gets them. **Source:** the text the project started from, "Disable privilege escalation";
kubernetes pkg/securitycontext/util.go, AddNoNewPrivileges; PR_SET_NO_NEW_PRIVS(2const).
"""

from collections.abc import Iterator

from ..effective.container_in_pod import ContainerInPod
from ..effective.predicted import PredictedContext
from ..findings import Finding
from ._linux import added, linux_containers
from ._text import who
from .model.advice import AdviceCheck, advise
from .model.effect import Running

_REFUSED = frozenset(("SYS_ADMIN", "CAP_SYS_ADMIN", "ALL"))
"""With these added, false is refused (kubernetes validation, CAP_SYS_ADMIN) or beside the point."""


def _find(running: Running) -> Iterator[Finding]:
    for placed, context in linux_containers(running):
        if context.no_new_privs.value is not False or _pointless(placed, context):
            continue
        has = ": true" if placed.context.allow_privilege_escalation else " is not set"
        yield advise(
            CHECK,
            placed,
            ("securityContext", "allowPrivilegeEscalation"),
            f"{who(placed.container)} lets programs gain privileges (allowPrivilegeEscalation{has}): "
            "set it to false",
            label="no_new_privs is off",
        )


def _pointless(placed: ContainerInPod, context: PredictedContext) -> bool:
    if placed.privileged or not _REFUSED.isdisjoint(added(placed)):
        return True
    if placed.context.allow_privilege_escalation and added(placed):
        return True
    capabilities = context.capabilities.effective.value
    return (
        context.uid.value == 0
        and isinstance(capabilities, tuple)
        and bool(capabilities)
        and "SETUID" not in capabilities
    )


# Whoever adds capabilities for a user other than root may have files that carry them: said there, once.
CHECK = AdviceCheck(
    id="privilege-escalation-allowed",
    summary="containers whose programs may gain privileges",
    find=_find,
    covered_by=("allow-privilege-escalation", "no-security-context", "capabilities-for-non-root"),
)
