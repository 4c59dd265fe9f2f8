"""An object in which a key stands twice: its pairs come in, a mapping that still has all of them goes out.

Who asks for a key gets the last value; Go's decoder, which merges them, asks for the pairs.
"""

from typing import Any

__all__ = ["Doubled", "mapping_of_pairs"]


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


def mapping_of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a plain dict of an object's pairs, or a Doubled if a key stands twice."""
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    doubled = Doubled(plain)
    doubled.pairs = pairs
    return doubled
