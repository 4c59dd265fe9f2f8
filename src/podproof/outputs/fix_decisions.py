"""What was decided about an object and what is left of it, as lines for people.

An object's decisions come in, lines go out. Containers for which the same was decided stand together, and a
reason that a run has given already is not given again, unless everything is wanted.
"""

from collections.abc import Iterable, Iterator

from ..findings import ContainerRef
from ..pattern import pattern
from ..results.checked import ObjectRef
from ..results.fixed import FixDecision, FixedObject, FixTrial, LeftOver, TakenBack
from .paint import Paint
from .plain import one_line
from .wrapping import wrap

__all__ = ["KINDS", "DecisionLines", "kind_shown", "name_object"]

KINDS = {"same": "bold", "shown": "add", "tighter": "note", "guess": "warning"}
"""The kinds of changes, and the style of each; `shown` are those that were run and work."""

_CONTEXT = "securityContext."
_NUMBER = pattern(r"[0-9]+")
_KIND_ROOM = max(map(len, KINDS))
_NARROWEST = 24


class DecisionLines:
    """Writes the decisions of one run, object by object; `columns` is the width that lines are broken at."""

    def __init__(self, paint: Paint, columns: int, *, verbose: bool = False) -> None:
        self._paint = paint
        self._columns = columns
        self._verbose = verbose
        self._given: set[object] = set()

    def of(self, fixed: FixedObject) -> Iterator[str]:
        """Write what was decided, what was taken back, and what is left."""
        groups = _groups(fixed.decisions)
        subjects = [_subject(group) for group in groups]
        room = max(map(len, subjects), default=0)
        known: dict[tuple[str, str], list[str]] = {}
        for subject, group in zip(subjects, groups, strict=True):
            decision = group[0]
            why = _without_subject(decision.why, decision.container)
            lesson = (decision.kind, _NUMBER.sub("#", decision.what), _NUMBER.sub("#", why))
            if not self._verbose and lesson in self._given:
                known.setdefault((subject, kind_shown(decision)), []).append(decision.what)
                continue
            self._given.add(lesson)
            yield from self._row(subject.ljust(room), kind_shown(decision), decision.what)
            yield from self._reason(room, why)
        for (subject, kind), what in known.items():
            yield from self._row(subject.ljust(room), kind, _together(what))
        if fixed.trial is not None:
            yield from self._trial(fixed.trial)
        for change in fixed.taken_back:
            yield from self._taken_back(change)
        for entry in fixed.left:
            yield from self._left(entry)

    def _row(self, subject: str, kind: str, what: str) -> Iterator[str]:
        room = len(subject)
        first, *others = wrap(one_line(what), self._width(room))
        yield f"  {one_line(subject)}  {self._paint(KINDS[kind], kind.ljust(_KIND_ROOM))}  {first}"
        yield from (f"{self._margin(room)}{line}" for line in others)

    def _reason(self, room: int, why: str) -> Iterator[str]:
        for line in wrap(one_line(why), self._width(room)):
            yield f"{self._margin(room)}{self._paint('dim', line)}"

    def _margin(self, room: int) -> str:
        return " " * (room + _KIND_ROOM + 6)

    def _width(self, room: int) -> int:
        return max(_NARROWEST, self._columns - len(self._margin(room)))

    def _trial(self, trial: FixTrial) -> Iterator[str]:
        runs = "1 run" if trial.tries == 1 else f"{trial.tries} runs"
        parts = [
            f"as it was: {trial.before}" if trial.before else "",
            f"with the changes: {trial.after}" if trial.after else "",
        ]
        went = "; ".join(part for part in parts if part)
        if trial.not_concluded:
            why = f"nothing is shown: {trial.not_concluded}"
            yield from self._entry(
                "tried" if went else "not tried", "warning", went or trial.not_concluded, why if went else ""
            )
        else:
            yield from self._entry("tried", "note", f"{went}; {runs}", "")

    def _taken_back(self, change: TakenBack) -> Iterator[str]:
        what = f"{_subject([change])}: {change.what}"
        yield from self._entry("taken back", "warning", what, change.reason)

    def _left(self, entry: LeftOver) -> Iterator[str]:
        remedy = entry.remedy
        if not self._verbose and (entry.check, remedy) in self._given:
            remedy = ""
        self._given.add((entry.check, remedy))
        what = f"{entry.line}:{entry.column}  {entry.check}  {entry.message}"
        yield from self._entry("left", "error", what, remedy)

    def _entry(self, word: str, style: str, what: str, remedy: str) -> Iterator[str]:
        margin = " " * (len(word) + 4)
        room = max(_NARROWEST, self._columns - len(margin))
        first, *others = wrap(one_line(what), room)
        yield f"  {self._paint(style, word)}  {first}"
        yield from (f"{margin}{line}" for line in others)
        for line in wrap(one_line(remedy), room) if remedy else ():
            yield f"{margin}{self._paint('dim', line)}"


def kind_shown(decision: FixDecision) -> str:
    """Name a decision's kind; what might have broken the program is `shown` once it was run."""
    return "shown" if decision.shown and decision.kind != "same" else decision.kind


def name_object(named: ObjectRef) -> str:
    """Name an object as people do: `Deployment shop/web`."""
    name = named.name or "(no name)"
    return f"{named.kind} {named.namespace}/{name}" if named.namespace else f"{named.kind} {name}"


def _groups(decisions: Iterable[FixDecision]) -> list[list[FixDecision]]:
    """Put decisions together that say the same of several containers, where the first of them stands."""
    groups: dict[object, list[FixDecision]] = {}
    for decision in decisions:
        container = decision.container
        why = _without_subject(decision.why, container)
        place = None if container is None else container.kind
        key = (place, decision.kind, decision.what, why, decision.shown)
        groups.setdefault(key, []).append(decision)
    return list(groups.values())


def _subject(group: "list[FixDecision] | list[TakenBack]") -> str:
    container = group[0].container
    if container is None:
        return "pod"
    names = ", ".join(dict.fromkeys(each.container.name for each in group if each.container))
    return f"{container.kind}{'s' if ', ' in names and container.kind == 'container' else ''} {names}"


def _without_subject(why: str, container: ContainerRef | None) -> str:
    """Take away the container's name, which stands at the line's start."""
    return why if container is None else why.removeprefix(f'container "{container.name}" ')


def _together(what: list[str]) -> str:
    """Write several changes on a line; that most of them are about a security context goes without saying."""
    return ", ".join(each.removeprefix(_CONTEXT) for each in what)
