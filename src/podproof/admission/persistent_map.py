"""A mapping that never changes: a changed copy shares almost everything with the one it was made of.

Keys and values come in, mappings go out. A tree of small tables, sixteen to a node, chosen by four bits of
the key's hash each: a change copies the tables on one way down, so that its cost does not grow with the
mapping.
Source: P. Bagwell, Ideal Hash Trees, 2001.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, overload

__all__ = ["PersistentMap"]

_BITS = 4
_MASK = (1 << _BITS) - 1
_LEAF = 16
"""So many entries stand in one table before it is divided."""
_DEPTH = 15
"""Tables below each other: a hash has 64 bits. Keys whose hashes are equal stay in one table."""

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
_Table = Any
"""A leaf, which is a dict of keys and values, or a tuple of sixteen tables. No table is changed once made."""


class PersistentMap(Mapping[K, V]):
    """An immutable mapping; `set` and `remove` return another one. Its order says nothing."""

    __slots__ = ("_count", "_root")

    def __init__(self, entries: Mapping[K, V] | None = None) -> None:
        self._root: _Table = _divided(dict(entries or {}), 0)
        self._count = len(entries or {})

    @classmethod
    def _of(cls, root: _Table, count: int) -> "PersistentMap[K, V]":
        made = cls.__new__(cls)
        made._root, made._count = root, count
        return made

    def __getitem__(self, key: K) -> V:
        table, bits = self._root, hash(key)
        while table.__class__ is tuple:
            table, bits = table[bits & _MASK], bits >> _BITS
        value: V = table[key]
        return value

    @overload
    def get(self, key: K, /) -> V | None: ...

    @overload
    def get(self, key: K, /, default: V | T) -> V | T: ...

    def get(self, key: K, /, default: V | T | None = None) -> V | T | None:
        """Return the value at `key`, or `default`, without an exception for what is absent."""
        table, bits = self._root, hash(key)
        while table.__class__ is tuple:
            table, bits = table[bits & _MASK], bits >> _BITS
        value: V | T | None = table.get(key, default)
        return value

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[K]:
        tables = [self._root]
        while tables:
            table = tables.pop()
            if table.__class__ is tuple:
                tables.extend(table)
            else:
                yield from table

    def __repr__(self) -> str:
        return f"PersistentMap({dict(self)!r})"

    def set(self, key: K, value: V) -> "PersistentMap[K, V]":
        """Return the mapping with `value` at `key`, in place of what was there."""
        added = key not in self
        return self._of(_with(self._root, hash(key), 0, key, value), self._count + added)

    def remove(self, key: K) -> "PersistentMap[K, V]":
        """Return the mapping without `key`; without a change when it is not there."""
        if key not in self:
            return self
        return self._of(_without(self._root, hash(key), key), self._count - 1)


def _with(table: _Table, bits: int, depth: int, key: Any, value: Any) -> _Table:
    if table.__class__ is tuple:
        index = bits & _MASK
        child = _with(table[index], bits >> _BITS, depth + 1, key, value)
        return (*table[:index], child, *table[index + 1 :])
    return _divided({**table, key: value}, depth)


def _without(table: _Table, bits: int, key: Any) -> _Table:
    if table.__class__ is tuple:
        index = bits & _MASK
        child = _without(table[index], bits >> _BITS, key)
        return (*table[:index], child, *table[index + 1 :])
    return {known: value for known, value in table.items() if known != key}


def _divided(leaf: dict[Any, Any], depth: int) -> _Table:
    """Divide a leaf that has grown too large into a tuple of leaves."""
    if len(leaf) <= _LEAF or depth >= _DEPTH:
        return leaf
    parts: list[dict[Any, Any]] = [{} for _ in range(_MASK + 1)]
    for key, value in leaf.items():
        parts[(hash(key) >> (_BITS * depth)) & _MASK][key] = value
    return tuple(_divided(part, depth + 1) for part in parts)
