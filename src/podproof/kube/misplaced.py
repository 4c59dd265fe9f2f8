"""Says what an unknown field was meant to be: its probable spelling, or the place where it belongs.

An unknown field, as the decoder reports it, comes in; a Diagnosis goes out. It is worked out from the tables
of fields: the nearest place in the object where a field of that name and shape is legal. Never says whether
the field would be a good idea.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

import msgspec

from ..manifest.route import Route, format_route
from .decode import Problem
from .types import Type, resolve

__all__ = ["Diagnosis", "LegalPlace", "diagnose", "remedy"]

_DEPTH = 4
"""How many fields down a place is looked for; from a pod's spec to a container's capability list it is 4."""

_SKIPPED = frozenset(("status", "managedFields", "affinity", "volumeClaimTemplates", "os"))
"""Subtrees where nobody's misplaced field belongs."""

_UNLIKELY = {
    "initContainers": 0.3,
    "ephemeralContainers": 0.6,
    "windowsOptions": 0.2,
    "lifecycle": 0.5,
    "livenessProbe": 0.1,
    "readinessProbe": 0.2,
    "startupProbe": 0.3,
    "projected": 0.3,
}
"""What makes one of several equal places less likely; the numbers only order."""

_SHARED = frozenset(("name", "key", "value", "path", "type", "kind", "apiVersion"))
"""Names so common that another place with one says nothing, unless it is right below."""


class LegalPlace(msgspec.Struct, frozen=True):
    """A route at which a field would be legal, from the object's root, and what it costs to think of it.

    The first `fixed` steps were written; behind them an index is 0 and stands for any item. `shown` is the
    place for a person.
    """

    cost: float
    route: Route
    fixed: int
    shown: str


class Diagnosis(msgspec.Struct, frozen=True):
    """What an unknown field was probably meant to be.

    `suggestion` is the right name of the field, "" when `unknown`. `belongs` is the route where it would be
    legal, from the object's root, with 0 for "any item"; None when it only has another spelling. `text` is
    the sentence for a person, "" when there is nothing to say. `places` are all that are as near as
    `belongs`, and `rivals` other names that are as near as the suggestion.
    """

    kind: Literal["spelling", "misplaced", "unknown"]
    suggestion: str = ""
    belongs: Route | None = None
    text: str = ""
    places: tuple[LegalPlace, ...] = ()
    rivals: tuple[str, ...] = ()


def remedy(problem: Problem) -> str:
    """Give the sentence about an unknown field, "" when there is nothing to say."""
    return diagnose(problem).text


def diagnose(problem: Problem) -> Diagnosis:
    """Work out what an unknown field was meant to be; a problem of another kind is `unknown`."""
    if problem.kind != "unknown":
        return Diagnosis("unknown")
    key = str(problem.route[-1])
    chain = _ancestors(resolve(problem.root, problem.minor), problem.route[:-1])
    here = chain[-1][1].fields
    same = _spelt_alike(key, here)
    if same:
        return _spelling(same)
    names = [name for name in here if _fits(here[name].type, problem.value)]
    near = _nearest(key, names)
    if near and near[1] <= 1 and len(key) > 3:
        return _spelling(near[0], _rivals(key, near, names))
    places = _places(chain, key, problem.value)
    if places:
        return _misplaced(key, key, places)
    if near:
        return _spelling(near[0], _rivals(key, near, names))
    return _elsewhere_misspelt(chain, key, problem.value)


def _spelling(name: str, rivals: tuple[str, ...] = ()) -> Diagnosis:
    return Diagnosis("spelling", name, None, f"did you mean {name}?", rivals=rivals)


def _rivals(key: str, near: tuple[str, int], names: list[str]) -> tuple[str, ...]:
    """Name what is as near to a key as what was taken for it."""
    others = [name for name in names if name != near[0]]
    return tuple(name for name in others if (_nearest(key, [name]) or ("", -1))[1] == near[1])


def _misplaced(written: str, name: str, places: list[LegalPlace]) -> Diagnosis:
    where = " or ".join(dict.fromkeys(place.shown for place in places[:3]))
    belongs = f"belongs {where}" if written == name else f"is probably {name}, which belongs {where}"
    return Diagnosis("misplaced", name, places[0].route, f"{written} {belongs}", tuple(places))


def _elsewhere_misspelt(chain: list[tuple[Route, Type]], key: str, value: Any) -> Diagnosis:
    """Look for a field that is both misspelt and misplaced; close by, and only with a small slip."""
    names: set[str] = set()
    for _, type_ in chain[-2:]:
        names |= _index(type_.full, type_.minor).keys()
    alike = _spelt_alike(key, names)
    near = (alike, 0) if alike else _nearest(key, sorted(names))
    if near is None or near[1] > 1 or len(key) < 5 or near[0] in _SHARED:
        return Diagnosis("unknown")
    places = _places(chain, near[0], value)
    return _misplaced(key, near[0], places) if places else Diagnosis("unknown")


def _ancestors(root: Type, route: Route) -> list[tuple[Route, Type]]:
    """List the structs on the way to a place, each with its route; the place's own is last."""
    chain: list[tuple[Route, Type]] = [((), root)] if root.kind == "struct" else []
    type_ = root
    for index, step in enumerate(route):
        if type_.kind == "struct":
            type_ = type_.fields[str(step)].type
        elif type_.item is not None:
            type_ = type_.item
        if type_.kind == "struct":
            chain.append((route[: index + 1], type_))
    return chain


def _places(chain: list[tuple[Route, Type]], key: str, value: Any) -> list[LegalPlace]:
    """List the nearest places where a field is legal, best first; those that are equally near, no others.

    Up one struct and down one field cost the same, so that what stands beside its home is found first.
    """
    legal: list[LegalPlace] = []
    for up, (route, type_) in enumerate(reversed(chain)):
        if legal and legal[0].cost <= up:
            break
        for cost, path, field_type in _index(type_.full, type_.minor).get(key, ()):
            if not _fits(field_type, value) or (up == 0 and len(path) == 1):
                continue
            if key in _SHARED and up + len(path) > 2:
                continue
            belongs = _join(route, path, chain[-1][0])
            legal.append(LegalPlace(up + cost, belongs, len(route), _shown(belongs[:-1], len(route))))
    if not legal:
        return []
    legal.sort(key=lambda place: place.cost)
    return [place for place in legal if place.cost - legal[0].cost < 0.05]


def _join(route: Route, path: tuple[str, ...], written: Route) -> Route:
    """Put a path of fields (`containers`, `[]`, ...) below a route, with the indexes that were written."""
    out: list[str | int] = list(route)
    for step in path:
        if step != "[]":
            out.append(step)
            continue
        at = len(out)
        index = written[at] if len(written) > at and tuple(out) == written[:at] else 0
        out.append(index if isinstance(index, int) else 0)
    return tuple(out)


def _shown(parent: Route, fixed: int) -> str:
    """Write a place for a person: an index that nobody wrote is a star."""
    if not parent:
        return "at the top level"
    text = format_route(parent[:fixed])
    for step in parent[fixed:]:
        text += "[*]" if isinstance(step, int) else f".{step}"
    return f"under {text.removeprefix('.')}"


def _fits(type_: Type, value: Any) -> bool:
    """Tell whether a value has the shape of a type; null fits all, and so do a boolean's quotes."""
    if value is None:
        return True
    kind = type_.kind
    if kind in ("struct", "map"):
        return isinstance(value, dict)
    if kind == "slice":
        return isinstance(value, list | tuple)
    if kind == "bool":
        return isinstance(value, bool) or value in ("true", "false")
    if kind == "int":
        return isinstance(value, int | float) or (isinstance(value, str) and value.lstrip("-").isdigit())
    return not isinstance(value, dict | list | tuple)


_Entry = tuple[float, tuple[str, ...], Type]


@lru_cache(maxsize=256)
def _index(full: str, minor: int) -> dict[str, list[_Entry]]:
    """Map each field's name below a struct to where it is: cost, path (`[]` for an item), type."""
    out: dict[str, list[_Entry]] = {}
    for cost, path, type_ in _walk(resolve(full, minor), 0.0, (), frozenset((full,))):
        out.setdefault(path[-1], []).append((cost, path, type_))
    return out


def _walk(
    type_: Type, cost: float, path: tuple[str, ...], above: frozenset[str]
) -> Iterator[tuple[float, tuple[str, ...], Type]]:
    for name, field in type_.fields.items():
        if name in _SKIPPED:
            continue
        below = cost + 1
        here = (*path, name)
        yield below, here, field.type
        below_type: Type | None = field.type
        extra = _UNLIKELY.get(name, 0.0)
        while below_type is not None and below_type.kind == "slice":
            below_type = below_type.item
            here = (*here, "[]")
            extra += 0.1
        if (
            below_type is not None
            and below_type.kind == "struct"
            and below_type.full not in above
            and below < _DEPTH
        ):
            yield from _walk(below_type, below + extra, here, above | {below_type.full})


def _spelt_alike(key: str, names: Any) -> str:
    """Find the name that differs only in case, hyphens or underscores."""
    plain = _plain(key)
    return next((name for name in names if name != key and _plain(name) == plain), "")


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _nearest(key: str, names: list[str]) -> tuple[str, int] | None:
    """Find the name with the fewest slips, no more than a fifth of its letters and one more."""
    best: tuple[str, int] | None = None
    plain = _plain(key)
    for name in names:
        allowed = 1 + min(len(key), len(name)) // 5
        if abs(len(key) - len(name)) > allowed:
            continue
        if best is not None:
            allowed = min(allowed, best[1] - 1)
        slips = _slips(plain, _plain(name), allowed)
        if slips <= allowed and slips < len(name) / 2:
            best = (name, slips)
    return best


def _slips(left: str, right: str, most: int) -> int:
    """Count letters to add, drop, change or swap; above `most`, only that there are more.

    Source: optimal string alignment distance.
    """
    before: list[int] = []
    row = list(range(len(right) + 1))
    least = 0
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        least, least_before = min(row), least
        if least > most and least_before >= most:  # no later row can be less than this one, or the last and 1
            return least
    return row[-1]
