"""An object in which a key stands twice: its pairs come in, a mapping that still has all of them goes out.

Who asks for a key gets the last value; Go's decoder, which merges them, asks for the pairs.
"""

from collections.abc import Iterator
from typing import Any

from podproof.manifest.route import Route

__all__ = ["Doubled", "mapping_of_pairs", "repeated_routes"]


class Doubled(dict[str, Any]):
    """An object in which a key stands twice: a dict where the last wins, with all its `pairs` in order."""

    pairs: list[tuple[str, Any]]

    __hash__ = None  # as of every mapping

    def __eq__(self, other: object) -> bool:
        """Equal only what has the same pairs: a plain mapping never says as much."""
        return isinstance(other, Doubled) and self.pairs == other.pairs

    def __ne__(self, other: object) -> bool:
        """Differ from what is not equal; a dict answers this question itself otherwise."""
        return not self == other


_Way = tuple[Any, str | int] | None
"""The last step of a route, and the way to it: a route is only made where it is asked for."""
_COLLECTIONS = frozenset((dict, list, Doubled))


def has_doubled(value: Any) -> bool:
    """Tell whether a key stands twice anywhere in plain data."""
    pending = [value]
    while pending:
        node = pending.pop()
        if node.__class__ is Doubled:
            return True
        if isinstance(node, dict):
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return False


def repeated_routes(value: Any) -> Iterator[Route]:
    """Give the route of every key of plain data each time that it is written again, in the text's order.

    Of values that a later one replaces, nothing is told.
    """
    pending: list[tuple[_Way, Any]] = [(None, value)]
    while pending:
        way, node = pending.pop()
        steps: Any
        kind = node.__class__
        if kind is list:
            steps = range(len(node) - 1, -1, -1)
        elif kind is dict or kind is Doubled:
            steps = reversed(node)
            if kind is Doubled:
                yield from _repeated(way, node)
        else:
            continue
        for step in steps:
            child = node[step]
            if child.__class__ in _COLLECTIONS:
                pending.append(((way, step), child))


def _repeated(way: _Way, node: "Doubled") -> Iterator[Route]:
    steps: list[Any] = []
    while way is not None:
        way, step = way
        steps.append(step)
    route = tuple(reversed(steps))
    times: dict[str, int] = {}
    again: dict[str, None] = {}
    for key, _ in node.pairs:
        times[key] = times.get(key, 0) + 1
        if times[key] > 1:
            again[key] = None
    for key in again:
        yield from [(*route, key)] * (times[key] - 1)


def mapping_of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a plain dict of an object's pairs, or a Doubled if a key stands twice."""
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    doubled = Doubled(plain)
    doubled.pairs = pairs
    return doubled
