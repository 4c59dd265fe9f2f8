"""`privileged: true` gives no capability to a process whose user is not root.

The runtime puts every capability into the bounding set. When the process is executed, the kernel gives all of
that set to root and none of it to another user, because Kubernetes fills no ambient set: `CapEff` is 0. A
debugging container that `kubectl debug --profile=sysadmin` adds to a pod with `runAsUser: 1000` cannot even
read the other processes. The rest of privileged does hold: no seccomp filter, nothing masked under /proc and
/sys, the node's devices; file permissions stop the user there.

**Fields:** `spec.containers[*].securityContext.privileged`, likewise for initContainers and
ephemeralContainers, where the user is known not to be 0, as with `runAsNonRoot: true`. **Write instead:**
`runAsUser: 0` beside it, or no `privileged`.

**Source:** capabilities(7), "Transformation of capabilities during execve()"; recorded with containerd 1.6.20
and 2.3.7.
"""

from collections.abc import Iterator

from ..effective.users import resolve_run_as_non_root
from ..findings import Finding, Severity
from ._linux import linux_containers
from ._text import who
from ._users import never_root
from .model.effect import EffectCheck, Running, warn
from .model.facts import PRIVILEGED


def _find(running: Running) -> Iterator[Finding]:
    for placed, context in linux_containers(running):
        user = never_root(placed, context) if placed.privileged else None
        if user is None:
            continue
        non_root = resolve_run_as_non_root(placed).value is True
        remedy = "set runAsUser: 0 and runAsNonRoot: false" if non_root else "set runAsUser: 0"
        yield warn(
            CHECK,
            placed,
            ("securityContext", "privileged"),
            f"{who(placed.container)} is privileged for {user} and gets no capability from it: "
            f"{remedy} on the container if it needs them, or remove privileged",
            label="no capabilities",
            help=_help(no_new_privs=context.no_new_privs.value is True),
        )


def _help(*, no_new_privs: bool) -> tuple[str, ...]:
    if no_new_privs:
        return ()
    return ("a set-user-ID program or one with file capabilities does get all of them",)


CHECK = EffectCheck(
    id="privileged-for-non-root",
    summary="privileged containers whose user is not root",
    severity=Severity.WARNING,
    find=_find,
    when=PRIVILEGED,
)
