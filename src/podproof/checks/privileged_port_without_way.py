"""A port below 1024 that a process without root cannot listen on.

The kernel keeps such ports for those that hold NET_BIND_SERVICE, and adding that capability does not give it
to a user other than root: exec leaves that user nothing. In pods with their own network, newer runtimes lower
the limit to 0; where that is not so, the sysctl `net.ipv4.ip_unprivileged_port_start` is the way, or a higher
port.

**Fields:** `ports[*].containerPort` below 1024 where the user is known not to be root, and neither the pod's
sysctls nor the runtime lower the limit. On the node's own network they cannot. A program whose file carries
the capability is the exception that a lock file shows, but no manifest; it needs NET_BIND_SERVICE in the
container, and where another program starts it, `allowPrivilegeEscalation` not false. **Source:** ip-sysctl in
the kernel's documentation; recorded with containerd 1.6.20 and 2.3.7.
"""

from collections.abc import Iterator

from ..effective.capabilities import granted
from ..effective.container_in_pod import ContainerInPod
from ..effective.file_capabilities import program_capabilities
from ..effective.predicted import PredictedContext
from ..effective.value import known
from ..findings import Finding, Severity
from ._linux import linux_containers
from ._text import who
from .model.effect import EffectCheck, Running, warn
from .model.facts import LOW_PORTS

_LIMIT = 1024
_BIND = "NET_BIND_SERVICE"
_SYSCTL = "net.ipv4.ip_unprivileged_port_start"


def _find(running: Running) -> Iterator[Finding]:
    refused: list[tuple[ContainerInPod, PredictedContext, int, int, int]] = []
    for placed, effective in linux_containers(running):
        if not placed.container.ports:
            continue
        uid = known(effective.uid.value)
        if not uid or _BIND in (known(effective.capabilities.effective.value) or ()):
            continue
        if _BIND in granted(placed) and _BIND in (program_capabilities(placed) or ()):
            continue
        limit = _limit(effective)
        for index, port in enumerate(placed.container.ports):
            number = port.container_port
            if number is not None and 0 < number < limit:
                refused.append((placed, effective, index, number, uid))
    for placed, effective, index, number, uid in refused:
        # one sysctl holds for the whole pod: its value must do for the lowest port
        remedy = _remedy(placed, min(entry[3] for entry in refused))
        unless = f", unless its program's file has the {_BIND} capability" if _by_file(effective) else ""
        yield warn(
            CHECK,
            placed,
            ("ports", index, "containerPort"),
            f"{who(placed.container)} cannot listen on its containerPort: {number} as user {uid}"
            f"{unless}: {remedy}",
            label=f"below {_LIMIT}, for root only",
        )


def _limit(effective: PredictedContext) -> int:
    """Give the first port that anybody may listen on; 0 when it cannot be told."""
    sysctls = known(effective.sysctls.value)
    if sysctls is None:
        return 0
    value = dict(sysctls).get(_SYSCTL)
    if value is None:
        return _LIMIT
    return min(int(value), _LIMIT) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _by_file(effective: PredictedContext) -> bool:
    """Say whether a file capability, which no manifest shows, could be the way."""
    bounding = known(effective.capabilities.bounding.value) or ()
    return _BIND in bounding and known(effective.no_new_privs.value) is not True


def _remedy(placed: ContainerInPod, lowest: int) -> str:
    if placed.spec.host_network:
        return f"listen on port {_LIMIT} or above, or do without hostNetwork"
    return f'write the sysctl {_SYSCTL} with value "{lowest}" in the pod\'s securityContext'


CHECK = EffectCheck(
    id="privileged-port-without-way",
    summary="ports below 1024 that the user cannot listen on",
    severity=Severity.WARNING,
    find=_find,
    when=LOW_PORTS,
)
