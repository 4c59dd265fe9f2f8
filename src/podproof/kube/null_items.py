"""Nulls in lists and maps, which the API server takes and reads as zero values.

A typed pod that has them comes in, the pod that the server would have goes out.
Source: Go 1.26 encoding/json decode.go, literalStore: null leaves a new item as it is made.
"""

import operator
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin

import msgspec

from .pod import ApiValue, Pod

__all__ = ["without_nulls"]


def without_nulls(pod: Pod) -> Pod:
    """Put zero values where nulls stand in the lists and maps of a pod of the type `pod_with_nulls`.

    Of fields that no check reads, nulls stay.
    """
    filled: Pod = _filled(pod)
    return filled


def _filled(value: Any) -> Any:
    changes: dict[str, Any] = {}
    for name, kind, zero in _lists_in(value.__class__):
        items = getattr(value, name)
        if not items:
            continue
        changed = items
        if kind == "struct":
            changed = _filled(items)
        elif kind == "map":
            if None in items.values():
                changed = {key: zero if item is None else item for key, item in items.items()}
        elif kind == "structs":
            changed = tuple([zero() if item is None else _filled(item) for item in items])
            if all(map(operator.is_, changed, items)):
                changed = items
        elif None in items:
            changed = tuple([zero if item is None else item for item in items])
        if changed is not items:
            changes[name] = changed
    return msgspec.structs.replace(value, **changes) if changes else value


@cache
def _lists_in(struct: type[msgspec.Struct]) -> tuple[tuple[str, str, Any], ...]:
    """List the fields that checks read and that are, or have in them, lists or maps.

    Each is an attribute, what it is (`struct`, `structs`, `map`, `list`), and what a null in it stands for:
    of structs the type, since each is an object of its own.
    """
    found: list[tuple[str, str, Any]] = []
    (base,) = struct.__bases__
    read = {field.name for field in msgspec.structs.fields(base)}
    for field in msgspec.structs.fields(struct):
        if field.name not in read:
            continue
        hint = next((part for part in get_args(field.type) if part is not NoneType), field.type)
        container, items = get_origin(hint), get_args(hint)
        if container is dict:
            found.append((field.name, "map", ""))
        elif container is tuple:
            item = next(part for part in get_args(items[0]) if part is not NoneType)
            found.append((field.name, "structs", item) if _is_struct(item) else (field.name, "list", item()))
        elif _is_struct(hint) and _lists_in(hint):
            found.append((field.name, "struct", None))
    return tuple(found)


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, ApiValue)
