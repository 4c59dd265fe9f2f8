"""Proves that changes do to processes what they say and no more: pods before and after come in, an objection.

Nothing that plans changes is asked here. Effective values that differ must follow from a field that an edit
names; a change that is called `same` must change none; only a guess may give a process more than it had; and
no container may start less surely than before.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..edits.edit import Edit
from ..effective.context import NAMESPACES, CapabilitySets, EffectiveSecurityContext
from ..effective.predicted import PredictedContext
from ..effective.resolve import resolve
from ..effective.value import Field, Unknown
from ..findings import ContainerRef
from ..kubelet.start_prediction import StartPrediction
from ..manifest.route import Route
from .change import KINDS, PlannedChange, PodToFix

__all__ = ["FOLLOWS", "disprove"]

_CONTAINERS = (("initContainers",), ("containers",), ("ephemeralContainers",))
_SETS = CapabilitySets.__struct_fields__
_EVERYTHING = EffectiveSecurityContext.__struct_fields__
_NOT_OF_PRIVILEGED = ("uid", "gid", "groups", "run_as_non_root", "fs_group", "read_only_root")
FOLLOWS: Mapping[str | int, tuple[str, ...]] = {
    "allowPrivilegeEscalation": ("no_new_privs",),
    "annotations": ("apparmor", "seccomp"),
    "appArmorProfile": ("apparmor",),
    "capabilities": ("capabilities", "no_new_privs", "volumes", "writable"),
    "fsGroup": ("fs_group", "groups", "volumes", "writable"),
    "fsGroupChangePolicy": ("volumes",),
    "hostIPC": ("namespaces", "sysctls"),
    "hostNetwork": ("namespaces", "sysctls"),
    "hostPID": ("namespaces",),
    "hostUsers": ("namespaces", "sysctls", "volumes"),
    "os": _EVERYTHING,
    "privileged": tuple(name for name in _EVERYTHING if name not in _NOT_OF_PRIVILEGED),
    "procMount": ("proc_mount", "masked_paths", "readonly_paths", "writable"),
    "readOnlyRootFilesystem": ("read_only_root", "writable"),
    "runAsGroup": ("gid", "groups", "volumes", "writable"),
    "runAsNonRoot": ("run_as_non_root", "capabilities"),
    "runAsUser": ("uid", "gid", "groups", "capabilities", "volumes", "writable"),
    "seLinuxOptions": ("selinux",),
    "seccompProfile": ("seccomp",),
    "supplementalGroups": ("groups", "volumes", "writable"),
    "supplementalGroupsPolicy": ("groups", "volumes", "writable"),
    "sysctls": ("sysctls",),
    "volumeClaimTemplates": ("volumes", "writable"),
    "volumeDevices": ("volumes",),
    "volumeMounts": ("volumes", "writable"),
    "volumes": ("volumes", "writable"),
}
"""By the field that an edit is at: the effective values that may follow from it, as `explain` names them.

An edit at any other field follows none of them.
"""

_Allowed = dict[str, int]
"""By the name of an effective value: the strongest kind of change that it may follow from, as in KINDS."""

_SAME, _TIGHTER = KINDS.index("same"), KINDS.index("tighter")
_PORTS = "net.ipv4.ip_unprivileged_port_start"


def disprove(before: Sequence[PodToFix], after: Sequence[PodToFix], changes: Sequence[PlannedChange]) -> str:
    """Say what the changes to an object would do that they must not; "" where there is nothing.

    Pods whose processes are not known, as those of Windows, are compared by their containers only.
    """
    if len(before) != len(after):
        return f"the object would make {len(after)} pods, not {len(before)}"
    for old, new in zip(before, after, strict=True):
        for objection in _of_pod(old, new, changes):
            return objection
    return ""


def _of_pod(old: PodToFix, new: PodToFix, changes: Sequence[PlannedChange]) -> Iterator[str]:
    allowed = _allowed(old, changes)
    counterparts = {reference: number for number, reference in enumerate(new.containers)}
    for number, reference in enumerate(old.containers):
        other = number if new.containers[number : number + 1] == (reference,) else counterparts.get(reference)
        if other is None:
            yield f'container "{reference.name}" would go'
            continue
        if number < len(old.processes) and other < len(new.processes):
            here = _together(allowed[None], allowed.get(old.places[number], {}))
            for words in _differences(old.processes[number], new.processes[other], here):
                yield f'container "{reference.name}": {words}'
    yield from _starts(old, new)


def _starts(old: PodToFix, new: PodToFix) -> Iterator[str]:
    if old.start is None or new.start is None:
        return
    after = {ContainerRef(one.name, one.kind): one for one in new.start.containers}
    for one in old.start.containers:
        other = after.get(ContainerRef(one.name, one.kind))
        if other is not None and _surety(other) < _surety(one):
            why = other.starts.reason if isinstance(other.starts, Unknown) else other.message or other.reason
            yield f'container "{one.name}" {"may" if _surety(other) else "will"} not start: {why}'


def _surety(start: StartPrediction) -> float:
    return 0.5 if isinstance(start.starts, Unknown) else start.starts


def _allowed(pod: PodToFix, changes: Iterable[PlannedChange]) -> dict[Route | None, _Allowed]:
    """Give by container's place what may differ in it; None: what may differ in all of them."""
    places = set(pod.places)
    allowed: dict[Route | None, _Allowed] = {None: {}}
    for change in changes:
        kind = KINDS.index(change.kind)
        for edit in change.edits:
            depths = range(len(edit.route) + 1)
            place = next((edit.route[:depth] for depth in depths if edit.route[:depth] in places), None)
            names = _follows(edit, pod.spec, place)
            here = allowed.setdefault(place, {})
            for name in names:
                here[name] = max(kind, here.get(name, kind))
    return allowed


def _follows(edit: Edit, spec: Route, place: Route | None) -> Collection[str]:
    """Give the effective values that may follow from an edit, in the container at `place` or in all."""
    route, depth = edit.route, len(spec)
    if place is not None:
        within = len(place)
    elif route[:depth] == spec or route[:depth] == (*spec[:-1], "metadata"):
        within = depth
    elif "volumeClaimTemplates" in route:  # of the object, beside the template of its pods
        within = 0
    else:
        return ()
    if place is None and route[depth : depth + 1] in _CONTAINERS:
        return ()
    for step in route[within:]:
        if step in FOLLOWS:
            return FOLLOWS[step]
    if route[-1] != "securityContext":
        return ()
    if not isinstance(edit.value, Mapping):
        return _EVERYTHING
    return {followed for name in edit.value for followed in FOLLOWS.get(name, ())}


def _together(one: _Allowed, other: _Allowed) -> _Allowed:
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in (*one, *other)}


def _differences(old: PredictedContext, new: PredictedContext, allowed: _Allowed) -> Iterator[str]:
    before, after = resolve(old.placed), resolve(new.placed)
    for name in EffectiveSecurityContext.__struct_fields__:
        one, other = getattr(before, name), getattr(after, name)
        if name == "capabilities":
            pairs = [(f"{name}.{part}", getattr(one, part), getattr(other, part)) for part in _SETS]
        elif name == "namespaces":
            pairs = [(f"{name}.{part}", getattr(one, part), getattr(other, part)) for part in NAMESPACES]
        else:
            pairs = [(name, _mounted(one), _mounted(other)) if name == "volumes" else (name, one, other)]
        for title, left, right in pairs:
            words = _objection(name, left, right, allowed.get(name))
            if words:
                yield f"{title} would be {_text(right)}, not {_text(left)}, {words}"


def _mounted(volumes: Field[Any]) -> Field[Any]:
    """Leave out the volumes that the container does not mount, which do nothing for it."""
    if isinstance(volumes.value, Unknown):
        return volumes
    return Field(tuple(volume for volume in volumes.value if volume.paths), volumes.origin)


def _objection(name: str, one: Field[Any], other: Field[Any], kind: int | None) -> str:
    """Say why a value must not become another; "" where it may."""
    old, new = one.value, other.value
    if old == new or (isinstance(old, Unknown) and isinstance(new, Unknown)):
        return ""
    if kind is None:
        return "which follows from no change"
    if kind == _SAME and not (name == "sysctls" and _keeps_ports(old, new)):
        return "but the changes that it follows from claim to change nothing"
    if kind != _TIGHTER or isinstance(old, Unknown) or isinstance(new, Unknown):
        return ""
    return "which gives the process more than it had" if _WIDER.get(name, _never)(old, new) else ""


def _keeps_ports(old: Any, new: Any) -> bool:
    """Tell whether only low ports are opened, which a process that was root could use before."""
    if isinstance(old, Unknown) or isinstance(new, Unknown):
        return False
    return all(pair[0] == _PORTS for pair in set(old) ^ set(new))


def _never(_old: Any, _new: Any) -> bool:
    return False


def _gets_more(old: Iterable[Any], new: Iterable[Any]) -> bool:
    return not set(new) <= set(old)


def _gets_unconfined(_old: str, new: str) -> bool:
    return new == "Unconfined"


_WIDER: dict[str, Callable[[Any, Any], bool]] = {
    "uid": lambda _, new: new == 0,
    "capabilities": _gets_more,
    "no_new_privs": lambda old, _: old,
    "privileged": lambda _, new: new,
    "read_only_root": lambda old, _: old,
    "writable": lambda old, new: "/" not in old and _gets_more(old, new),
    "masked_paths": lambda old, new: _gets_more(new, old),
    "readonly_paths": lambda old, new: _gets_more(new, old),
    "seccomp": _gets_unconfined,
    "apparmor": _gets_unconfined,
    "namespaces": lambda _, new: new == "host",
    "devices": _gets_more,
}
"""By effective value: whether another one gives the process more."""


def _text(field: Field[Any]) -> str:
    value = field.value
    return "unknown" if isinstance(value, Unknown) else str(value)
