"""A misspelt capability is ignored in silence: what was to be dropped stays, what was to be added is missing.

The API server does not look at the names, and containerd skips each one that the kernel does not have. It
knows them as manifests write them, without `CAP_`: `drop: [CAP_NET_RAW]` drops nothing. Lower case works.
CRI-O takes the prefix off, and refuses to start a container that adds an unknown name.

**Fields:** `spec.containers[*].securityContext.capabilities.add` and `.drop`, likewise for initContainers and
ephemeralContainers. **Write instead:** the name as in capabilities(7), without `CAP_`; `ALL` for all.

**Source:** containerd internal/cri/opts, WithCapabilities; recorded with containerd 1.6.20 and 2.3.7.
"""

from collections.abc import Iterator

from ..effective.capabilities import capability_name
from ..effective.linux_capabilities import CAPABILITIES, CAPABILITY_SET, short_name
from ..findings import MOST_LISTED, Finding, Severity
from ._linux import ADD, DROP, added, dropped, linux_containers
from ._text import who
from .model.effect import EffectCheck, Running, warn


def _find(running: Running) -> Iterator[Finding]:
    found = 0
    for placed, _ in linux_containers(running):
        if placed.privileged:
            continue  # then neither list counts
        runtime = placed.setting.runtime
        # the runtime's own refusal says more: will-not-start reports it
        add = () if runtime.unknown_capability_fails else added(placed)
        for verb, route, names in (("adds", ADD, add), ("drops", DROP, dropped(placed))):
            for index, raw in enumerate(names):
                if raw.upper() == "ALL" or capability_name(placed, raw) is not None:
                    continue
                found += 1
                # Comparing names is dear, and nobody sees what is said of the next thousand.
                instead = _instead(raw) if found <= MOST_LISTED else _REMOVE
                yield warn(
                    CHECK,
                    placed,
                    (*route, index),
                    f'{who(placed.container)} {verb} capability "{raw}", which {runtime.name} ignores: '
                    f"{instead}",
                    label="ignored",
                )


_REMOVE = "no kernel has it; remove it"


def _instead(raw: str) -> str:
    name = short_name(raw)
    if name == "ALL" or name in CAPABILITY_SET:
        return f'write "{name}", without CAP_'
    from difflib import get_close_matches  # costs 10 ms to import: only for a message

    close = get_close_matches(name, CAPABILITIES, cutoff=0.7)
    return f'no kernel has it; write "{close[0]}" if that is what you meant' if close else _REMOVE


CHECK = EffectCheck(
    id="unknown-capability",
    summary="capabilities that the runtime does not know and ignores",
    severity=Severity.WARNING,
    find=_find,
)
