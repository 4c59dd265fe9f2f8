"""The API's types as a decoder needs them: a type's name comes in, its fields with their types go out.

The tables are read struct by struct, when a value first needs them. Fields that a version of Kubernetes does
not have yet are left out. Nothing here looks at values.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from .earlier_fields import SINCE
from .versions import BETA

Kind = Literal["string", "bool", "int", "bytes", "slice", "map", "struct", "special", "any"]

_INTEGERS = {"int32": 31, "int64": 63, "int": 63, "uint8": 8}
_FIRST_OF_OLDEST = 18


class Type:
    """One Go type; `name` is what an error prints. A pointer is what it points to, with `pointer` True."""

    __slots__ = ("_fields", "bits", "full", "item", "kind", "minor", "name", "pointer")

    def __init__(self, full: str, kind: Kind, minor: int, *, pointer: bool = False) -> None:
        self.full = full
        self.kind = kind
        self.minor = minor
        self.pointer = pointer
        self.name = _printed(full)
        self.bits = 0
        self.item: Type | None = None
        self._fields: dict[str, FieldType] | None = None

    @classmethod
    def of_fields(cls, full: str, minor: int, fields: Mapping[str, str]) -> "Type":
        """Make a struct that the tables do not have; its fields' types are written as there."""
        made = cls(full, "struct", minor)
        made._fields = {name: FieldType(name, resolve(text, minor), "?", ()) for name, text in fields.items()}
        return made

    @property
    def short(self) -> str:
        """The struct's name without its package, as errors name it: `PodSpec`."""
        return self.full.rpartition(".")[2]

    @property
    def fields(self) -> "dict[str, FieldType]":
        """The struct's fields by name, in the order in which Go declares and prints them."""
        if self._fields is None:
            self._fields = _fields(self.full, self.minor)
        return self._fields


_PLAIN: dict[str, type] = {"string": str, "bool": bool}


class FieldType:
    """One key of a struct; `embedded` names the embedded structs it stands in.

    `plain`: the Python type whose values are taken as they are, None where every value has to be looked at.
    """

    __slots__ = ("embedded", "kind", "name", "omit", "plain", "type")

    def __init__(self, name: str, type_: Type, omit: str, embedded: tuple[str, ...]) -> None:
        self.name = name
        self.type = type_
        self.kind: Kind = type_.kind
        self.plain: type | None = _PLAIN.get(type_.kind)
        self.omit = omit
        """`?`: an empty value is left out; `!`: a zero one; `.`: it is always printed."""
        self.embedded = embedded


@lru_cache(maxsize=256)
def workload_type(api_version: str, kind: str, minor: int) -> Type | None:
    """Return the type of a workload kind (or of a list of it); None when the tables have none."""
    from .tables.kinds import KINDS

    full = KINDS.get((api_version, kind))
    return None if full is None else resolve(full, minor)


@lru_cache(maxsize=4096)
def resolve(text: str, minor: int) -> Type:
    """Return the type that a table writes as `text`, e.g. `[]core/v1.Container`, at Kubernetes 1.`minor`."""
    if text.startswith("*"):
        pointed = resolve(text[1:], minor)
        pointer = Type(pointed.full, pointed.kind, minor, pointer=True)
        pointer.item, pointer.bits = pointed.item, pointed.bits
        return pointer
    if text == "[]uint8":
        return Type(text, "bytes", minor)
    if text.startswith("[]"):
        slice_ = Type(text, "slice", minor)
        slice_.item = resolve(text[2:], minor)
        return slice_
    if text.startswith("map["):
        mapping = Type(text, "map", minor)
        mapping.item = resolve(text.partition("]")[2], minor)
        return mapping
    if text in _INTEGERS:
        integer = Type(text, "int", minor)
        integer.bits = _INTEGERS[text]
        return integer
    if text in ("string", "bool"):
        return Type(text, "string" if text == "string" else "bool", minor)
    if text == "any":
        return Type(text, "any", minor)
    return _named(text, minor)


def _named(text: str, minor: int) -> Type:
    from .tables.named import NAMED

    made_of = NAMED.get(text)
    if made_of is None and text.startswith("policy/v1beta1."):
        from .tables.policy_v1beta1 import NAMED as POLICY_NAMED

        made_of = POLICY_NAMED.get(text)
    if made_of is None:
        return Type(text, "struct", minor)
    if made_of == "special":
        return Type(text, "special", minor)
    underlying = resolve(made_of, minor)
    named = Type(text, underlying.kind, minor)
    named.item, named.bits = underlying.item, underlying.bits
    return named


def _printed(full: str) -> str:
    """Write a type as Go prints it: without the folders before the package."""
    if full.startswith("[]"):
        return "[]" + _printed(full[2:])
    if full.startswith("map["):
        key, _, item = full[4:].partition("]")
        return f"map[{_printed(key)}]{_printed(item)}"
    if full.startswith("*"):
        return "*" + _printed(full[1:])
    return full.rpartition("/")[2]


def _fields(full: str, minor: int) -> dict[str, FieldType]:
    from .tables.lifetimes import LIFETIMES

    lifetimes = LIFETIMES.get(full, {})
    earlier = SINCE.get(full, {}) if minor < _FIRST_OF_OLDEST else {}
    fields = {}
    for line in _lines(full) if minor < BETA else _lines_of_beta(full):
        name, type_, omit, *embedded = line.split(" ")
        if lifetimes.get(name, (0, None))[0] > minor or earlier.get(name, 0) > minor:
            continue
        fields[name] = FieldType(name, resolve(type_, minor), omit, tuple(embedded))
    for name, (_, until) in lifetimes.items():
        if until is not None and lifetimes[name][0] <= minor <= until:
            fields[name] = FieldType(
                name, resolve("any", minor), "?", ()
            )  # gone since: its type is forgotten
    return fields


def _lines_of_beta(full: str) -> tuple[str, ...]:
    from .beta_fields import FIELDS

    added = FIELDS.get(full, ())
    try:
        return (*_lines(full), *added)
    except KeyError:
        return added  # a struct that is new


def _lines(full: str) -> tuple[str, ...]:
    package, _, name = full.rpartition(".")
    table: dict[str, tuple[str, ...]]
    if package == "core/v1":
        from .tables.core_v1 import STRUCTS as table
    elif package == "meta/v1":
        from .tables.meta_v1 import STRUCTS as table
    elif package == "apps/v1":
        from .tables.apps_v1 import STRUCTS as table
    elif package == "batch/v1":
        from .tables.batch_v1 import STRUCTS as table
    else:
        from importlib import import_module

        table = import_module(f"{__package__}.tables.{package.replace('/', '_')}").STRUCTS
    return table[name]
