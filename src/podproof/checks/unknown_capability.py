"""A misspelt capability is ignored in silence: what was to be dropped stays, what was to be added is missing.

The API server does not look at the names, and containerd skips each one that the kernel does not have. It
knows them as manifests write them, without `CAP_`: `drop: [CAP_NET_RAW]` drops nothing. Lower case works.
CRI-O takes the prefix off, and refuses to start a container that adds an unknown name.

**Fields:** `spec.containers[*].securityContext.capabilities.add` and `.drop`, likewise for initContainers and
ephemeralContainers. **Write instead:** the name as in capabilities(7), without `CAP_`; `ALL` for all.

**Source:** containerd internal/cri/opts, WithCapabilities; recorded with containerd 1.6.20 and 2.3.7.
"""

from collections.abc import Collection, Iterator, Mapping

from ..edits.edit import Edit, Fix
from ..effective.capabilities import capability_name
from ..effective.container_in_pod import ContainerInPod
from ..effective.linux_capabilities import CAPABILITIES, CAPABILITY_SET, short_name
from ..findings import MOST_LISTED, Finding, Route, Severity
from ._linux import ADD, DROP, added, dropped, linux_containers
from ._text import who
from .model.effect import EffectCheck, Running, warn
from .model.facts import ADDED_CAPABILITIES, DROPPED_CAPABILITIES


def _find(running: Running) -> Iterator[Finding]:
    found = 0
    for placed, _ in linux_containers(running):
        if placed.privileged:
            continue  # then neither list counts
        runtime = placed.setting.runtime
        # the runtime's own refusal says more: will-not-start reports it
        add = () if runtime.unknown_capability_fails else added(placed)
        drop = dropped(placed)
        kept = runtime.default_capabilities.difference(map(str.upper, drop))
        granted = frozenset() if "ALL" in map(str.upper, drop) else kept
        for verb, route, names in (("adds", ADD, add), ("drops", DROP, drop)):
            # Comparing names is dear, and nobody sees what is said of the next thousand.
            meant = {} if found > MOST_LISTED else _meant(placed, names)
            fix = _respelt(placed, route, names, meant, granted) if meant else None
            for index, raw in enumerate(names):
                if raw.upper() == "ALL" or capability_name(placed, raw) is not None:
                    continue
                found += 1
                instead = _instead(raw, meant.get(raw, "")) if found <= MOST_LISTED else _REMOVE
                yield warn(
                    CHECK,
                    placed,
                    (*route, index),
                    f'{who(placed.container)} {verb} capability "{raw}", which {runtime.name} ignores: '
                    f"{instead}",
                    label="ignored",
                    fix=fix,
                )


_REMOVE = "no kernel has it; remove it"


def _meant(placed: ContainerInPod, names: tuple[str, ...]) -> dict[str, str]:
    """Map each name that the runtime ignores to the one that is meant; "" where none is near."""
    return {
        raw: _nearest(raw)
        for raw in names[:MOST_LISTED]
        if raw.upper() != "ALL" and capability_name(placed, raw) is None
    }


def _nearest(raw: str) -> str:
    name = short_name(raw)
    if name == "ALL" or name in CAPABILITY_SET:
        return name
    from difflib import get_close_matches  # costs 10 ms to import: only for a message

    close = get_close_matches(name, CAPABILITIES, n=1, cutoff=0.7)
    return close[0] if close else ""


def _respelt(
    placed: ContainerInPod,
    route: Route,
    names: tuple[str, ...],
    meant: Mapping[str, str],
    granted: Collection[str],
) -> Fix | None:
    """Make the fix that writes the names that are meant, and leaves out those that no kernel has.

    None where an addition would give the container what it does not have: that is for a person to decide.
    """
    if len(names) > MOST_LISTED:
        return None
    adds = route == ADD
    if adds and any(name and name not in granted for name in meant.values()):
        return None
    has = {capability_name(placed, raw) or raw.upper() for raw in names if raw not in meant}
    written: list[str] = []
    for raw in names:
        name = meant.get(raw, raw)
        if name and not (raw in meant and (name in has or name in written)):
            written.append(name)
    safe = adds or not any(name and name not in has for name in meant.values())
    edit = Edit(route, "set", written) if written else Edit(route, "remove")
    return Fix((edit,), safe)


def _instead(raw: str, meant: str) -> str:
    if meant and meant == short_name(raw):
        return f'write "{meant}", without CAP_'
    return f'no kernel has it; write "{meant}" if that is what you meant' if meant else _REMOVE


CHECK = EffectCheck(
    id="unknown-capability",
    summary="capabilities that the runtime does not know and ignores",
    severity=Severity.WARNING,
    find=_find,
    when=ADDED_CAPABILITIES | DROPPED_CAPABILITIES,
)
