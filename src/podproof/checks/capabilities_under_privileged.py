"""A privileged container has every capability of the node, whatever it adds or drops.

`drop: [ALL]` beside `privileged: true` reads as if the container had been confined; the runtime does not even
look at the list.

**Fields:** `spec.containers[*].securityContext.capabilities.add` and `.drop` where `.privileged` is true,
likewise for initContainers and ephemeralContainers. **Write instead:** the capabilities that are needed, and
no `privileged`; or `privileged: true` alone.

**Source:** containerd internal/cri/server, container_create_linux.go; recorded with containerd 1.6.20 and
2.3.7.
"""

from collections.abc import Iterator

from ..edits.edit import Edit, Fix
from ..findings import Finding, Severity
from ._linux import ADD, DROP, added, dropped, linux_containers
from ._text import quoted, who
from .model.effect import EffectCheck, Running, warn
from .model.facts import PRIVILEGED

_NOTHING_LOST = {route: Fix((Edit(route, "remove"),), safe=True) for route in (ADD, DROP)}


def _find(running: Running) -> Iterator[Finding]:
    for placed, _ in linux_containers(running):
        if not placed.privileged:
            continue
        name = who(placed.container)
        if drop := dropped(placed):
            yield warn(
                CHECK,
                placed,
                DROP,
                f"{name} drops capabilities [{quoted(drop)}], which privileged: true undoes: "
                "remove privileged and add only the capabilities that are needed",
                label="not dropped",
                fix=_NOTHING_LOST[DROP],
            )
        if add := added(placed):
            yield warn(
                CHECK,
                placed,
                ADD,
                f"{name} adds capabilities [{quoted(add)}], but privileged: true has all of the node's: "
                "remove privileged if these are enough, else the list",
                label="changes nothing",
                fix=_NOTHING_LOST[ADD],
            )


CHECK = EffectCheck(
    id="capabilities-under-privileged",
    summary="capabilities added or dropped where privileged decides",
    severity=Severity.WARNING,
    find=_find,
    when=PRIVILEGED,
)
