"""A container that does not drop ALL keeps the capabilities that the runtime grants by default.

containerd hands out fourteen capabilities, among them those to change owners, to open raw sockets and to
ignore file permissions. Root has them at once; another user can gain them by a set-user-ID program. Most
containers need none: drop `ALL` and add what is needed.

**Fields:** `securityContext.capabilities` of containers, where capabilities of the runtime's default set
remain that were not asked for, or `add` has `ALL`. Privileged containers, for which drops do nothing, are
not advised. **Source:** the text the project started from, "drop all capabilities"; containerd
pkg/oci/spec.go, defaultUnixCaps.
"""

from collections.abc import Iterator

from ..effective.value import known
from ..findings import Finding
from ._linux import added, linux_containers
from ._text import plural, quoted, who
from .model.advice import AdviceCheck, advise
from .model.effect import Running

_FEW = 4


def _find(running: Running) -> Iterator[Finding]:
    for placed, context in linux_containers(running):
        if placed.privileged:
            continue
        added_names = {name.upper().removeprefix("CAP_") for name in added(placed)}
        bounding = known(context.capabilities.bounding.value) or ()
        kept = [
            n for n in bounding if n in placed.setting.runtime.default_capabilities and n not in added_names
        ]
        if not kept:
            continue
        if "ALL" in added_names:
            has = 'has capabilities.add: ["ALL"]'
        elif len(kept) > _FEW:
            has = f"keeps {len(kept)} of the runtime's default capabilities"
        else:
            word = plural(len(kept), "capability", "capabilities")
            has = f"keeps the runtime's default {word} {quoted(kept)}"
        yield advise(
            CHECK,
            placed,
            ("securityContext", "capabilities", "add" if "ALL" in added_names else "drop"),
            f'{who(placed.container)} {has}: write capabilities.drop: ["ALL"], and add what it needs',
            label="ALL is not dropped",
        )


CHECK = AdviceCheck(
    id="default-capabilities",
    summary="containers that keep the runtime's default capabilities",
    find=_find,
    covered_by=("capabilities-restricted", "no-security-context"),
)
