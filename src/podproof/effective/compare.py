"""Prediction against observation: two contexts of one type go in, one comparison for each field comes out.

A field is equal, different, or open (None) where one side cannot be known. What a runtime adds that no
manifest asks for, and what a node lacks, is accounted for here and said, never passed over.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from .context import NAMESPACES, EffectiveSecurityContext, VolumeFile, VolumeOwnership
from .value import Field, Origin, Unknown

__all__ = ["Comparison", "compare", "differences"]

FILTERED = "Filtered"
"""What an observer says of a seccomp filter: it is there; which one, no process tells."""

_SETS = ("bounding", "permitted", "effective", "inheritable", "ambient")

_GIVEN = ("/dev", "/dev/mqueue", "/dev/shm", "/dev/termination-log", "/etc/group", "/etc/hostname",
          "/etc/hosts", "/etc/passwd", "/etc/resolv.conf", "/run/.containerenv",
          "/run/secrets/kubernetes.io/serviceaccount",
          "/var/run/secrets/kubernetes.io/serviceaccount")  # fmt: skip
"""Mounts that containers get unasked. Source: containerd pkg/cri, container mounts; cri-o
server/container_create.go; kubelet makeMounts()."""


class Comparison(msgspec.Struct, frozen=True):
    """One field as it was predicted and as it was observed.

    `equal` None means that it cannot be compared. `why` says what was accounted for, or what is open;
    `origin` is the prediction's: what set the value.
    """

    field: str
    predicted: Any
    observed: Any
    equal: bool | None
    why: str
    origin: Origin


Verdict = tuple[bool | None, str]
Rule = Callable[[Any, Any], Verdict]


def compare(
    predicted: EffectiveSecurityContext,
    observed: EffectiveSecurityContext,
    *,
    existing: frozenset[str] | None = None,
    terminal: bool = False,
) -> tuple[Comparison, ...]:
    """Compare field by field, in the order of the type; sets of capabilities and namespaces one by one.

    `existing`: the paths below /proc and /sys that the node has, None when not known; masked and read-only
    paths that it lacks do not count. `terminal`: the container has a tty, hence /dev/console.
    """

    def paths(expected: Any, seen: Any) -> Verdict:
        return _paths(expected, seen, existing)

    def devices(expected: Any, seen: Any) -> Verdict:
        return _devices(expected, seen, terminal)

    rules: dict[str, Rule] = {
        "writable": _writable,
        "masked_paths": paths,
        "readonly_paths": paths,
        "seccomp": _seccomp,
        "selinux": _selinux,
        "sysctls": _sysctls,
        "volumes": _volumes,
        "devices": devices,
        "groups": _groups,
    }
    comparisons: list[Comparison] = []
    for name in EffectiveSecurityContext.__struct_fields__:
        expected, seen = getattr(predicted, name), getattr(observed, name)
        if name == "capabilities":
            comparisons += [
                _one(f"capabilities.{s}", getattr(expected, s), getattr(seen, s), _same) for s in _SETS
            ]
        elif name == "namespaces":
            comparisons += [
                _one(f"namespaces.{s}", getattr(expected, s), getattr(seen, s), _same) for s in NAMESPACES
            ]
        else:
            one = _one(name, expected, seen, rules.get(name, _same))
            comparisons.append(_narrowed(one) if name == "writable" else one)
    return tuple(comparisons)


def differences(comparisons: Iterable[Comparison]) -> tuple[Comparison, ...]:
    """Keep those fields that are known on both sides and differ."""
    return tuple(comparison for comparison in comparisons if comparison.equal is False)


def _one(name: str, predicted: Field[Any], observed: Field[Any], rule: Rule) -> Comparison:
    expected, seen = predicted.value, observed.value
    if isinstance(expected, Unknown):
        equal, why = None, f"not predicted: {expected.reason}"
    elif isinstance(seen, Unknown):
        equal, why = None, f"not observed: {seen.reason}"
    else:
        equal, why = rule(expected, seen)
    return Comparison(name, expected, seen, equal, why, predicted.origin)


def _same(one: Any, other: Any) -> Verdict:
    return one == other, ""


def _groups(one: tuple[int, ...], other: tuple[int, ...]) -> Verdict:
    return set(one) == set(other), ""


def _paths(one: tuple[str, ...], other: tuple[str, ...], existing: frozenset[str] | None) -> Verdict:
    expected = set(one) if existing is None else {path for path in one if path in existing}
    absent = sorted(set(one) - expected)
    # of a node whose paths are not known, the processors are not known either
    seen = {path for path in other if existing is not None or "/thermal_throttle" not in path}
    why = f"not on this node: {', '.join(absent)}" if absent else ""
    return expected == seen, why


def _narrowed(one: Comparison) -> Comparison:
    """Leave in a comparison of writable paths those that were compared."""
    if isinstance(one.predicted, Unknown) or isinstance(one.observed, Unknown):
        return one
    given = _given(one.predicted, one.observed)
    seen = tuple(path for path in one.observed if path not in given)
    return msgspec.structs.replace(one, observed=seen)


def _given(one: tuple[str, ...], other: tuple[str, ...]) -> set[str]:
    """Name the runtime's own mounts, which tell nothing below a writable root."""
    return {path for path in other if path in _GIVEN and path not in one} if "/" in one else set()


def _writable(one: tuple[str, ...], other: tuple[str, ...]) -> Verdict:
    expected, seen = {posixpath.normpath(path) for path in one}, set(other)
    given = _given(one, other)
    said = [f"{path} is writable besides" for path in sorted(seen - expected - given)]
    said += [f"{path} is not writable" for path in sorted(expected - seen)]
    if said:
        return False, ", ".join(said)
    return True, f"besides the runtime's own {', '.join(sorted(given))}" if given else ""


def _seccomp(one: str, other: str) -> Verdict:
    if other != FILTERED:
        return one == other, ""
    return one != "Unconfined", "a filter is there; which one, a process does not tell"


def _selinux(one: str | None, other: str | None) -> Verdict:
    if one is None or other is None:
        return one == other, ""
    wanted, label = one.split(":", 3), other.split(":", 3)
    same = len(wanted) == len(label) and all(
        a in ("*", b) for a, b in zip(wanted, label, strict=True)
    )  # `*`: the node fills it in
    return same, ""


def _sysctls(one: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]) -> Verdict:
    expected = {name: " ".join(value.split()) for name, value in one}
    return expected == dict(other), ""


def _volumes(one: tuple[VolumeOwnership, ...], other: tuple[VolumeOwnership, ...]) -> Verdict:
    seen = {volume.name: volume for volume in other}
    wrong: list[str] = []
    open_: list[str] = []
    for volume in one:
        if volume.group is None and not volume.files:
            continue
        ownership = seen.get(volume.name)
        if ownership is None:
            open_.append(volume.name)
        elif volume.group is not None and ownership.group != volume.group:
            wrong.append(f"{volume.name} is {ownership.text}")
        else:
            wrong += [f"{volume.name} has {words}" for words in _other_files(volume.files, ownership.files)]
    if wrong:
        return False, ", ".join(wrong)
    return True, f"not mounted here: {', '.join(open_)}" if open_ else ""


def _other_files(one: tuple[VolumeFile, ...], other: tuple[VolumeFile, ...]) -> Iterator[str]:
    """Name the files whose mode or owner differs; a file that was not seen does not count."""
    expected = {file.path: file for file in one}
    for file in other:
        predicted = expected.get(file.path) or expected.get("*")
        if predicted is not None and (predicted.mode, predicted.owner) != (file.mode, file.owner):
            yield f"{file.path} of user {file.owner} with mode {file.mode}"


def _devices(one: tuple[str, ...], other: tuple[str, ...], terminal: bool) -> Verdict:
    expected = {device for device in one if terminal or device != "/dev/console"}
    why = "" if terminal else "/dev/console is there with a terminal only"
    return expected == set(other), why
