"""A capability that is both added and dropped is dropped: the addition does nothing.

Runtimes apply `ALL` first, then what is added, then what is dropped by name. So `add: [X]` with `drop: [X]`
ends without X, and `add: [ALL]` with `drop: [ALL]` ends with nothing. `drop: [ALL]` with `add: [X]` does not
cancel: it leaves exactly X, as does `add: [ALL]` with `drop: [X]` leave all but X.

**Fields:** `spec.containers[*].securityContext.capabilities.add` and `.drop`, likewise for initContainers and
ephemeralContainers. **Write instead:** each name in one of the two lists.

**Source:** containerd internal/cri/opts, WithCapabilities; recorded with containerd 1.6.20 and 2.3.7.
"""

from collections.abc import Iterator

import msgspec

from ..edits.edit import Edit, Fix
from ..effective.capabilities import capability_name
from ..effective.container_in_pod import ContainerInPod
from ..findings import Finding, Severity
from ._linux import ADD, DROP, added, dropped, linux_containers
from ._text import who
from .model.effect import EffectCheck, Running, warn
from .model.facts import ADDED_CAPABILITIES


def _find(running: Running) -> Iterator[Finding]:
    for placed, _ in linux_containers(running):
        if placed.privileged:
            continue  # then neither list counts
        drops: dict[str | None, int] = {}
        for index, raw in enumerate(dropped(placed)):
            drops.setdefault(_known(placed, raw), index)
        rest = [raw for raw in added(placed) if _known(placed, raw) not in drops]
        edit = Edit(ADD, "set", rest) if rest else Edit(ADD, "remove")
        for index, raw in enumerate(added(placed)):
            name = _known(placed, raw)
            if name is None or name not in drops:
                continue
            finding = warn(
                CHECK,
                placed,
                (*ADD, index),
                f'{who(placed.container)} adds and drops capability "{name}", and the drop wins: '
                "keep it in one of the two lists",
                label="dropped again",
                fix=Fix((edit,), safe=True),
            )
            yield msgspec.structs.replace(finding, related=((*placed.route, *DROP, drops[name]),))


def _known(placed: ContainerInPod, raw: str) -> str | None:
    return "ALL" if raw.upper() == "ALL" else capability_name(placed, raw)


CHECK = EffectCheck(
    id="capabilities-that-cancel",
    summary="capabilities that are both added and dropped",
    severity=Severity.WARNING,
    find=_find,
    when=ADDED_CAPABILITIES,
)
