"""The places of a document that the native reader read: its tape comes in, the span of a route goes out.

The tape has four numbers for each node, in the text's order: where it starts, where it ends, the entry behind
everything in it, its kind. Positions count bytes of the document. A mapping's entry is followed by its first
key's, then the key's value and what is in that, then the next key. Which key it is, the value tells: no key
stands twice in it, so both have one order.
"""

from podproof_reader import reach

from podproof.manifest.block_end import block_end
from podproof.manifest.file_text import FileText
from podproof.manifest.route import Route

__all__ = ["TapeIndex"]

_NEXT, _KIND, _WIDTH = 2, 3, 4
_BLOCK_SCALAR, _BLOCK = 1, 3
"""Kinds whose end is not in the tape: a block scalar has libyaml's, behind the comments after it; a block
collection has the entry with which it ends. An entry is named by the index of its first number."""


class TapeIndex:
    """Finds the spans of keys and values by their routes, as PlaceIndex does."""

    def __init__(self, value: object, tape: bytes, text: FileText, base: int) -> None:
        self._value = value
        self._bytes = tape
        self._tape = memoryview(tape).cast("I")
        self._text = text
        self._base = base
        # by a collection's entry: the entry of each of its keys, or of each element
        self._entries_in: dict[int, dict[str | int, int]] = {}

    def find(self, route: Route, *, key: bool = False) -> tuple[int, int]:
        """Give the span of the value at `route` (or of its key), or of its nearest ancestor that exists."""
        _, name, entry = self._reach(route)
        return self._span(entry if name is None or not key else name)

    def keys(self, route: Route) -> list[tuple[int, int]]:
        """Give the span of the key that is written for `route`; empty when there is none."""
        steps, name, _ = self._reach(route)
        return [] if name is None or steps < len(route) else [self._span(name)]

    def _reach(self, route: Route) -> tuple[int, int | None, int]:
        """Go along a route as far as it exists: the steps taken, and the last key's and value's entry."""
        return reach(self._value, self._bytes, route) or self._reach_among_many(route)

    def _reach_among_many(self, route: Route) -> tuple[int, int | None, int]:
        """Go along a route, and keep where the members of each collection on it are."""
        value: object = self._value
        known = self._entries_in
        name = None
        entry = steps = 0
        for step in route:
            entries = known.get(entry)
            if entries is None:
                if not isinstance(value, (dict, list)):  # `dict | list` would make a union each time
                    break
                entries = self._entries(entry, value)
            child = entries.get(step)
            if child is None:
                break
            if value.__class__ is dict:
                name, entry = child, child + _WIDTH
            else:
                name, entry = None, child
            value = value[step]  # type: ignore[index]  # a list's entries have numbers
            steps += 1
        return steps, name, entry

    def _entries(self, entry: int, value: "dict[str, object] | list[object]") -> dict[str | int, int]:
        tape = self._tape
        entries: dict[str | int, int] = {}
        child = entry + _WIDTH
        if isinstance(value, dict):
            for name in value:
                entries[name] = child
                child = tape[child + _WIDTH + _NEXT]
        else:
            for number in range(len(value)):
                entries[number] = child
                child = tape[child + _NEXT]
        self._entries_in[entry] = entries
        return entries

    def _span(self, entry: int) -> tuple[int, int]:
        tape = self._tape
        start, end = tape[entry], tape[entry + 1]
        if tape[entry + _KIND] == _BLOCK:
            entry = end
            end = tape[entry + 1]
        if self._text.is_ascii and tape[entry + _KIND] != _BLOCK_SCALAR:
            return self._base + start, self._base + end
        code_point = self._text.index_of_byte
        first = code_point(self._base + start)
        if tape[entry + _KIND] == _BLOCK_SCALAR:
            begin = self._base + tape[entry]
            scalar = self._text.data[begin : self._base + end].decode("utf-8")
            return first, code_point(begin) + block_end(scalar, 0, len(scalar))
        return first, code_point(self._base + end)
