"""Takes objects that decode to themselves: a mapping comes in, its copy goes out.

Nearly every object is one: each field known, of its type, in its plainest form, no key twice, nothing null.
The API's types as msgspec's typed dictionaries, made of the field tables, prove that in C. They know nothing
to say about any other object: that is for the exact decoder.
"""

from collections import Counter
from typing import Any, TypedDict

import msgspec

from .plain_forms import integer_of, kept_form
from .types import Type

__all__ = ["expect_many", "take_plain"]

_WORTHWHILE = 250
"""So many objects are left to the exact decoder first, unless more are expected: to make the types, most of
which all workloads share, takes as long as they save in some 350 objects."""

_PATIENCE = 8
"""When so many objects of a type in a row were not plain, only one in as many is tried."""

_typed_dictionary: Any = TypedDict  # mypy wants its fields to be written down
_ANYTHING: Any = bool | int | str | list[Any] | dict[str, Any]
"""What is not looked into and is not null; a float may have a literal of its own."""
_NO_BYTES: Any = msgspec.defstruct("_NoBytes", [("nothing", None)])
"""Takes no value of JSON that a field of bytes may have: base64 is looked at elsewhere."""

_asked: Counter[int] = Counter()
"""How many objects there were, by the minor version."""
_failed: dict[tuple[str, int], int] = {}
"""How many objects of a type in a row were not plain."""
_made: dict[tuple[str, int], Any] = {}
"""The types of structs by name and version: what makes pods shares that of a pod."""


def expect_many(minor: int) -> None:
    """Tell that many objects of Kubernetes 1.`minor` follow: none is left to the exact decoder first."""
    _asked[minor] = max(_asked[minor], _WORTHWHILE)


def take_plain(value: dict[str, Any], type_: Type) -> dict[str, Any] | str:
    """Copy an object that the API server decodes to itself; it shares nothing but what has no type.

    Of any other object nothing is known but, if anything, the first place that is not plain, as msgspec
    writes it: `.spec.containers[0].name`, or "".
    """
    key = (type_.full, type_.minor)
    plain = _made.get(key)
    if plain is None:
        _asked[type_.minor] += 1
        if _asked[type_.minor] < _WORTHWHILE:
            return ""
        plain = _dictionary(type_)
    failed = _failed.get(key, 0)
    if failed >= _PATIENCE and failed % _PATIENCE:
        _failed[key] = failed + 1
        return ""
    copy = _copy(value, plain)
    _failed[key] = failed + 1 if isinstance(copy, str) else 0
    return copy


def _copy(value: dict[str, Any], plain: Any) -> dict[str, Any] | str:
    try:
        copy: dict[str, Any] = msgspec.convert(value, plain)
    except msgspec.ValidationError as error:
        return str(error).rpartition("$")[2].removesuffix("`")
    except (UnicodeError, RecursionError):
        return ""
    # unknown fields are not copied, and an object with a key twice equals no other
    return copy if copy == value else ""


def _dictionary(type_: Type) -> Any:
    """Make the type of a struct, each once."""
    key = (type_.full, type_.minor)
    known = _made.get(key)
    if known is None:
        fields = {name: _value(field.type) for name, field in type_.fields.items()}
        known = _made[key] = _typed_dictionary(type_.short, fields, total=False)
    return known


def _value(type_: Type) -> Any:
    kind = type_.kind
    if kind == "struct":
        return _dictionary(type_)
    if kind == "int":
        return integer_of(type_)
    if kind == "bytes":
        return _NO_BYTES
    if type_.item is not None:
        item = _value(type_.item)
        return list[item] if kind == "slice" else dict[str, item]  # type: ignore[valid-type] # made here
    if kind == "special":
        return kept_form(type_.name) or _ANYTHING
    return {"string": str, "bool": bool}.get(kind, _ANYTHING)
