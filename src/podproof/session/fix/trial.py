"""Tries what `fix` plans: the object as it was and as it will be are run, and what breaks it is taken back.

A plan and a way to plan anew come in, a plan that works goes out, with what was seen. A failure that names
what was missing, a volume or a user, leads to a plan that has it; else changes are taken back one by one,
until a smallest set of them is found with which the object works.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from ...edits.text.same import is_same
from ...findings import ContainerRef
from ...fixes.change import PlannedChange
from ...fixes.users import ChosenUser
from ...fixes.volumes import READ_ONLY, Written
from .objects import ObjectFix
from .options import Tried
from .trial_seen import NotRun, SeenRun

__all__ = ["TrialOfObject", "Trials", "try_fix"]

_MOST_LACKS = 8
"""Failures in a row that name what was missing, before changes are taken back."""

_MOST_TRIES = 30
"""Runs of one object; what is not decided by then is taken back as a whole."""

_ROOT, _USER, _CAPABILITIES = "root file system", "user", "capabilities"

_FAMILIES = (
    (_ROOT, ("readOnlyRootFilesystem",)),
    (_USER, ("runAsNonRoot", "runAsUser")),
    (_CAPABILITIES, ("capabilities",)),
)
"""Changes that are taken back together: one without the other would not start, or has no meaning."""

_AT_POD = ("runAsNonRoot", "seccompProfile")
"""What is written at the pod where all containers would say the same."""

_SUSPECTS = {"EROFS": _ROOT, "EACCES": _USER, "EPERM": _CAPABILITIES}
"""What is taken back first, by what the kernel refused."""


class Trials(Protocol):
    """Runs the pod of an object."""

    def run(self, value: Any, before: SeenRun | None = None) -> SeenRun:
        """Run it; raises NotRun where it cannot be run here."""


class TrialOfObject(msgspec.Struct, frozen=True):
    """What became of a plan: `fixed` is the one to make. `before` and `after` say how the runs went.

    `after` "": it was not run as it will be. `not_concluded` says why nothing was concluded, "" where it was.
    """

    fixed: ObjectFix
    before: str = ""
    after: str = ""
    tries: int = 0
    not_concluded: str = ""


Replan = Callable[[Tried], ObjectFix]


def try_fix(value: Any, fixed: ObjectFix, replan: Replan, trials: Trials) -> TrialOfObject:
    """Try a plan for an object, and make it one that works. Raises what the runs raise, but for NotRun."""
    if not fixed.changes:
        return TrialOfObject(fixed)
    try:
        before = trials.run(value)
    except NotRun as why:
        return TrialOfObject(fixed, not_concluded=str(why))
    if not before.works:
        return TrialOfObject(fixed, before.words, tries=1, not_concluded="it failed before any change")
    search = _Search(replan, trials, before, fixed)
    try:
        return search.result()
    except NotRun as why:
        return TrialOfObject(fixed, before.words, tries=search.tries, not_concluded=str(why))


class _Unit(msgspec.Struct, frozen=True):
    """Changes that are taken back together: their keys, and what they are about."""

    family: str
    container: str
    keys: frozenset[tuple[object, ...]]


class _Search:
    """The runs of one object, and what they have shown."""

    def __init__(self, replan: Replan, trials: Trials, before: SeenRun, fixed: ObjectFix) -> None:
        self._replan, self._trials, self._before = replan, trials, before
        self._planned = fixed
        self._references = {
            change.container.name: change.container for change in fixed.changes if change.container
        }
        self.tries = 1

    def result(self) -> TrialOfObject:
        tried = self._with_what_was_written()
        fixed = self._planned if tried == Tried() else self._replan(tried)
        seen = self._run(fixed)
        for _ in range(_MOST_LACKS):
            if seen.works:
                return self._done(fixed, seen, {})
            lacking = next(self._lacking(seen, fixed, tried), None)
            if lacking is None:
                break
            other = self._replan(lacking)
            if is_same(other.value, fixed.value):
                break
            tried, fixed = lacking, other
            seen = self._run(fixed)
        return self._take_back(tried, fixed, seen)

    def _run(self, fixed: ObjectFix) -> SeenRun:
        self.tries += 1
        return self._trials.run(fixed.value, self._before)

    def _with_what_was_written(self) -> Tried:
        """Start with the folders that were written while the object ran as it was."""
        sealed = [change.container for change in self._planned.changes if READ_ONLY in change.checks]
        written = {
            container: Written(self._before.written[container.name], _wrote(self._before, container.name))
            for container in sealed
            if container is not None and container.name in self._before.written
        }
        return Tried(written=written)

    def _lacking(self, seen: SeenRun, fixed: ObjectFix, tried: Tried) -> Iterator[Tried]:
        """Give what is known then, where a failure names a path that a volume or a user makes writable."""
        container = self._references.get(seen.container)
        # what ends at once is gone before its layers are seen, and the image's were the same before
        layers = seen.layers.get(seen.container) or self._before.layers.get(seen.container)
        if container is None or layers is None:
            return
        guessed = any(
            change.container == container and change.kind == "guess" and "runAsUser" in change.what
            for change in fixed.changes
        )
        for refusal in seen.refused:
            if not refusal.path or refusal.error == "EPERM" or refusal.path in layers.mounts:
                continue
            owner = layers.owner_of(refusal.path)
            if refusal.error == "EACCES" and owner and guessed and container not in tried.users:
                why = f"the image gives {refusal.path} to user {owner}, who was seen to need it"
                yield msgspec.structs.replace(tried, users={**tried.users, container: ChosenUser(owner, why)})
            folder = self._written_above(seen.container, refusal.path) or layers.folder_for(refusal.path)
            have = tried.written.get(container)
            if folder is None or (have is not None and folder in have.folders):
                continue
            why = f"without it, {refusal.path} was refused when it was run ({refusal.error})"
            more = Written((*(have.folders if have else ()), folder), f"{have.why}; {why}" if have else why)
            yield msgspec.structs.replace(tried, written={**tried.written, container: more})

    def _written_above(self, container: str, path: str) -> str | None:
        """Give the folder that was seen to be written as it was, in which a path lies."""
        folders = self._before.written.get(container, ())
        return next((one for one in folders if path == one or path.startswith(f"{one}/")), None)

    def _take_back(self, tried: Tried, fixed: ObjectFix, failed: SeenRun) -> TrialOfObject:
        """Find a smallest set of changes to take back: one that is enough alone, else none too many."""
        units = self._units(fixed, failed)
        near = [unit for unit in units if unit.container == failed.container]
        for unit in near or units:
            other = self._replan(self._without(tried, [unit]))
            if self.tries < _MOST_TRIES and not is_same(other.value, fixed.value):
                seen = self._run(other)
                if seen.works:
                    return self._done(other, seen, {unit: failed})
        for group in (near, units) if near and near != units else (units,):
            other = self._replan(self._without(tried, group))
            seen = self._run(other)
            if seen.works:
                return self._put_back(tried, group, other, seen, failed)
        return TrialOfObject(
            self._planned,
            self._before.words,
            failed.words,
            self.tries,
            not_concluded=f"it fails even without the changes: {seen.words}",
        )

    def _put_back(
        self, tried: Tried, group: list[_Unit], works: ObjectFix, seen: SeenRun, failed: SeenRun
    ) -> TrialOfObject:
        """Make those changes after all without which it works no better: a container's at once, then each."""
        back = dict.fromkeys(group, failed)
        containers = dict.fromkeys(unit.container for unit in reversed(group))
        chunks = [[unit for unit in group if unit.container == name] for name in containers]
        several = [chunk for chunk in chunks if 1 < len(chunk) < len(group)]
        for chunk in (*several, *([unit] for unit in reversed(group))):
            if self.tries >= _MOST_TRIES or not all(unit in back for unit in chunk):
                continue
            again = self._replan(self._without(tried, [unit for unit in back if unit not in chunk]))
            shown = seen if is_same(again.value, works.value) else self._run(again)
            if shown.works:
                works, seen = again, shown
                back = {unit: why for unit, why in back.items() if unit not in chunk}
            else:
                back |= dict.fromkeys(chunk, shown)
        return self._done(works, seen, back)

    def _without(self, tried: Tried, units: list[_Unit]) -> Tried:
        """Leave changes out, and with them the volumes that nothing else needs."""
        keys = frozenset(key for unit in units for key in unit.keys)
        gone = {(unit.family, unit.container) for unit in units}
        written = {
            container: one
            for container, one in tried.written.items()
            if (_ROOT, container.name) not in gone
            and ((_USER, container.name) not in gone or self._is_sealed(container))
        }
        return msgspec.structs.replace(tried, taken_back=tried.taken_back | keys, written=written)

    def _is_sealed(self, container: ContainerRef) -> bool:
        return any(
            change.container == container and READ_ONLY in change.checks for change in self._planned.changes
        )

    def _units(self, fixed: ObjectFix, failed: SeenRun) -> list[_Unit]:
        """Group the changes that can be taken back, the likely culprits first."""
        grouped: dict[tuple[str, str], set[tuple[object, ...]]] = {}
        for change in fixed.changes:
            if change.kind == "same":
                continue
            family = _family(change)
            shared = _is_shared(change)
            for one in self._references.values() if shared else (change.container,):
                keys = grouped.setdefault((family, one.name if one is not None else ""), set())
                keys |= {(change.key[0], one), *([change.key] if shared else ())}
        suspects = [_SUSPECTS[refusal.error] for refusal in failed.refused]
        order = [*suspects, _ROOT, _USER, _CAPABILITIES]

        def rank(unit: _Unit) -> tuple[bool, int]:
            place = order.index(unit.family) if unit.family in order else len(order)
            return unit.container != failed.container, place

        units = [_Unit(family, name, frozenset(keys)) for (family, name), keys in grouped.items()]
        return sorted(units, key=rank)

    def _done(self, fixed: ObjectFix, seen: SeenRun, back: Mapping[_Unit, SeenRun]) -> TrialOfObject:
        """Say of each change that is made that it works, and of those taken back what was seen with them."""
        shown = tuple(msgspec.structs.replace(change, shown=seen.how) for change in fixed.changes)
        made = {change.key for change in fixed.changes}
        taken_back = [
            (one, _reason(one, back))
            for change in self._planned.changes
            if back and change.key not in made
            for one in self._each(change, back)
        ]
        final = msgspec.structs.replace(fixed, changes=shown, taken_back=tuple(taken_back))
        return TrialOfObject(final, self._before.words, seen.words, self.tries)

    def _each(self, change: PlannedChange, back: Mapping[_Unit, SeenRun]) -> Iterator[PlannedChange]:
        """Give a change that stood at the pod for all containers once for each that goes without it."""
        if not _is_shared(change):
            yield change
            return
        for container in self._references.values():
            if any((change.key[0], container) in unit.keys for unit in back):
                yield msgspec.structs.replace(change, container=container)


def _is_shared(change: PlannedChange) -> bool:
    """Tell whether a change of the pod was planned for each container."""
    return change.container is None and any(word in change.what for word in _AT_POD)


def _family(change: PlannedChange) -> str:
    for family, words in _FAMILIES:
        if any(word in change.what for word in words):
            return family
    return change.what


def _reason(change: PlannedChange, back: Mapping[_Unit, SeenRun]) -> str:
    """Give the failure that was seen with a change, or else with those that it goes with."""
    name = change.container.name if change.container else ""
    own = [seen for unit, seen in back.items() if change.key in unit.keys]
    near = [seen for unit, seen in back.items() if unit.container == name or not name]
    seen = (own or near or list(back.values()))[0]
    return seen.words


def _wrote(before: SeenRun, container: str) -> str:
    folders = before.written.get(container, ())
    wrote = (
        f"it wrote to {', '.join(folders)} when it was run" if folders else "it wrote nothing when it was run"
    )
    if blocked := before.blocked.get(container, ()):
        return f"{wrote}; no volume hides the image's content beside {', '.join(blocked[:3])}"
    return wrote
