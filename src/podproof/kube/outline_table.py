"""The table of types by which the native reader gives the outlines of pods in JSON.

The field tables come in, rows for `podproof_reader.Outline` go out. An outline has only fields that checks
read. A text has one only if no field has a wrong type, and no key stands twice.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .plain_forms import integer_bounds
from .pod import ApiValue, ObjectMeta, Pod
from .types import Type, workload_type
from .versions import NEWEST, Minor
from .whole_pod import ReadFields, base_in

__all__ = ["Fields", "Look", "OutlineTable"]

_Struct = type[msgspec.Struct]
Fields = dict[str, tuple[int, int] | tuple[int, int, bool, int, bool]]
"""The type of each field of a struct and, as bits, the outlines that keep it.

Then whether it is a pointer, the facts that it tells, and whether it is left out where nothing is kept of it.
"""
_PLAIN = ("string", "bool")
_SPECIAL = {
    "v1.Time": "time",
    "resource.Quantity": "quantity",
    "intstr.IntOrString": "integer or text",
}
"""Values that decode themselves, by what the native reader calls them."""


class Look(msgspec.Struct, frozen=True):
    """What the reader looks for in a pod, beside the fields that outlines keep. Facts are bits.

    `facts` are those that hold where an attribute of a struct is written. Of `annotations` whose key begins
    in one of these ways the facts hold, too, and no other ones are kept. Attributes of `pruned` are left out
    where nothing is kept of their values.
    """

    facts: Mapping[tuple[_Struct, str], int] = {}
    annotations: Mapping[str, int] | None = None
    pruned: ReadFields = {}


class OutlineTable:
    """Rows that are added one after the other; each is named by its place. The root comes last.

    `kept` are the fields of a pod that each outline keeps, of those that checks read.
    """

    def __init__(self, *kept: ReadFields, look: Look = Look()) -> None:  # noqa: B008 # it is frozen
        self._kept, self._look = kept, look
        self._rows: list[tuple[Any, ...]] = [("any",)]
        self._places: dict[Any, int] = {}

    def rows(self, root: Fields) -> list[tuple[Any, ...]]:
        """Return all rows, those of a struct with the fields `root` first."""
        return [_struct_row(root), *self._rows[1:]]

    def plain(self, *row: Any) -> int:
        """Add a type that has no other in it, once: such as `any` or `string`."""
        return self._once(row, lambda: row)

    def list_of(self, item: int) -> int:
        """Add the type of a list."""
        return self._once(("list", item), lambda: ("list", item))

    def map_of(self, item: int) -> int:
        """Add the type of an object with any keys."""
        return self._once(("map", item), lambda: ("map", item))

    def struct(self, fields: Fields) -> int:
        """Add the type of an object with these fields."""
        self._rows.append(_struct_row(fields))
        return len(self._rows) - 1

    def pod(self, minor: Minor) -> int:
        """Add the type of a pod at Kubernetes 1.`minor`; see `pod_fields`."""
        return self.struct(self.pod_fields(minor))

    def pod_fields(self, minor: Minor) -> Fields:
        """Add the types in a pod at Kubernetes 1.`minor`, and return its fields.

        A field that checks read and that this version does not have is unknown; other ones are taken.
        """
        newest, then = (workload_type("v1", "Pod", version) for version in (NEWEST, minor))
        assert newest is not None
        return self._fields(newest, then, Pod)

    def _once(self, key: Any, row: Callable[[], tuple[Any, ...]]) -> int:
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self._rows)
            self._rows.append(())
            self._rows[place] = row()  # which may ask for itself
        return place

    def _type(self, type_: Type, then: Type | None, base: _Struct) -> int:
        """Add a type. `base` is that of the struct in it; `then` is what it was, if checks read it."""
        kind = type_.kind
        if kind == "struct":
            return self._once((type_.full, base), lambda: _struct_row(self._fields(type_, then, base)))
        if kind == "int":
            return self.plain("integer", *integer_bounds(type_))
        if type_.item is not None:
            item = self._type(type_.item, None if then is None else then.item, base)
            return self.list_of(item) if kind == "slice" else self.map_of(item)
        if kind == "special":
            return self.plain(_SPECIAL.get(type_.name, "any"))
        return self.plain(kind if kind in _PLAIN else "any")

    def _fields(self, type_: Type, then: Type | None, base: _Struct) -> Fields:
        read = {field.encode_name: field for field in msgspec.structs.fields(base)}
        fields: Fields = {}
        for name, field in type_.fields.items():
            ours = read.get(name)
            before = None if then is None else then.fields.get(name)
            pointer = field.type.pointer
            if ours is None:
                fields[name] = self._type(field.type, None, ApiValue), 0, pointer, 0, False
            elif before is not None:
                then_type = self._type(field.type, before.type, base_in(ours.type))
                if base is ObjectMeta and name == "annotations" and self._look.annotations is not None:
                    then_type = self._chosen(self._look.annotations)
                kept, facts = self._keeping(base, ours.name), self._look.facts.get((base, ours.name), 0)
                pruned = ours.name in self._look.pruned.get(base, ())
                fields[name] = then_type, kept, pointer, facts, pruned
        return fields

    def _chosen(self, prefixes: Mapping[str, int]) -> int:
        """Add the type of a map of strings of which are kept those whose key begins in one of these ways."""
        row = ("chosen", self.plain("string"), list(prefixes.items()))
        return self._once("annotations", lambda: row)

    def _keeping(self, base: _Struct, name: str) -> int:
        """Return the outlines that keep a field, as bits."""
        return sum(1 << place for place, kept in enumerate(self._kept) if name in kept.get(base, (name,)))


def _struct_row(fields: Fields) -> tuple[Any, ...]:
    return ("struct", [(name, *field) for name, field in fields.items()])
