"""Capabilities that are added for a user other than root never reach the process.

The runtime puts them into the bounding set. When the process is executed, the kernel gives all of that set to
root and none of it to another user, because Kubernetes fills no ambient set. `runAsUser: 1000` with
`add: [NET_BIND_SERVICE]` ends with an empty effective set. What is bound can come back in one way: through
a program that has file capabilities or is set-user-ID root, unless allowPrivilegeEscalation is false. Such a
program does need the capability in the bounding set: without it, its exec fails.

For a port below 1024 the right way is the sysctl `net.ipv4.ip_unprivileged_port_start`, which is safe and
counts for the pod's own network, or a port above 1023. containerd 2.x sets it to 0 for pod networks by
itself.

**Fields:** `spec.containers[*].securityContext.capabilities.add`, likewise for initContainers and
ephemeralContainers, where the user is known not to be 0, as with `runAsNonRoot: true`. Nothing is said of
another unknown user, nor of what the file of the image's program is known to carry.

**Source:** capabilities(7), "Transformation of capabilities during execve()"; recorded with containerd 1.6.20
and 2.3.7.
"""

from collections.abc import Iterator

from ..edits.edit import Fix
from ..effective.capabilities import capability_name, granted
from ..effective.container_in_pod import ContainerInPod
from ..effective.file_capabilities import program_capabilities
from ..effective.predicted import PredictedContext
from ..effective.sysctls import dotted
from ..findings import Finding, Severity
from ._linux import ADD, added, dropped, linux_containers
from ._text import quoted, who
from ._users import never_root
from .model.effect import EffectCheck, Running, warn
from .model.facts import ADDED_CAPABILITIES
from .model.pod_security import remove_value, set_value

_PORT_START = "net.ipv4.ip_unprivileged_port_start"


def _find(running: Running) -> Iterator[Finding]:
    for placed, context in linux_containers(running):
        user = None if placed.privileged else never_root(placed, context)
        if user is None:
            continue
        bound = granted(placed)
        all_dropped = any(name.upper() == "ALL" for name in dropped(placed))
        by_file = program_capabilities(placed) or ()
        names = [
            name
            for name in added(placed)
            if (capability_name(placed, name) in bound or (name.upper() == "ALL" and not all_dropped))
            and capability_name(placed, name) not in by_file
        ]
        if not names:
            continue  # nothing is added in the end; other checks say why
        yield warn(
            CHECK,
            placed,
            ADD,
            f"{who(placed.container)} adds capabilities [{quoted(names)}] for {user} "
            f"and gets none of them{_unless(context)}: {_instead(placed, names)}",
            label="only in the bounding set",
            help=tuple(_help(placed, context, names)),
            fix=_without(placed, names),
        )


def _without(placed: ContainerInPod, names: list[str]) -> Fix:
    """Leave out what the process does not get; a program with file capabilities may then not start."""
    rest = [name for name in added(placed) if name not in names]
    return set_value(ADD, rest) if rest else remove_value(ADD)


def _unless(context: PredictedContext) -> str:
    return "" if context.no_new_privs.value is True else " unless its program has file capabilities"


def _instead(placed: ContainerInPod, names: list[str]) -> str:
    if not any(capability_name(placed, name) == "NET_BIND_SERVICE" for name in names):
        return "remove them, or run as root with only these"
    if placed.spec.host_network:
        return "for a low port, listen above 1023 instead"
    if any(dotted(sysctl.name or "") == _PORT_START for sysctl in placed.pod_context.sysctls or ()):
        return f"remove them, the pod's sysctl {_PORT_START} decides about low ports"
    return f'for a low port, listen above 1023 or set sysctl {_PORT_START} to "0" in the pod'


def _help(placed: ContainerInPod, context: PredictedContext, names: list[str]) -> Iterator[str]:
    if context.no_new_privs.value is True:
        yield "file capabilities do not give them back either: allowPrivilegeEscalation is false"
    yield "keep them if getcap shows them on the program: without them its exec may fail"
    low_port = any(capability_name(placed, name) == "NET_BIND_SERVICE" for name in names)
    if low_port and not placed.spec.host_network:
        yield "containerd 2.x allows low ports to everybody in a pod's own network; 1.x does not"


CHECK = EffectCheck(
    id="capabilities-for-non-root",
    summary="capabilities added for a user who is not root",
    severity=Severity.WARNING,
    find=_find,
    when=ADDED_CAPABILITIES,
)
