"""Writes a decoded object as the API server returns it: which empty values are printed, and which are not.

A decoded (and defaulted) plain object comes in, a new one as Go's encoder would print it goes out, keys in
Go's order. Never changes what it is given.
Source: Go 1.26 encoding/json encode.go (omitempty, omitzero); apimachinery resource.Quantity.String.
"""

from typing import Any

from .types import FieldType, Type


def encode(value: dict[str, Any], type_: Type) -> dict[str, Any]:
    """Write an object of a struct type."""
    out = {}
    for name, field in type_.fields.items():
        item = value.get(name)
        if item is None:
            if field.omit == "." or (field.kind == "struct" and not field.type.pointer and field.omit != "!"):
                out[name] = _zero(field)
            continue
        if field.omit != "." and not field.type.pointer and _empty(field, item):
            continue
        out[name] = _encode(item, field.type)
    return out


def _empty(field: FieldType, value: Any) -> bool:
    if field.kind == "struct":
        return False
    if field.kind == "special":
        return field.omit == "!" and not value
    return not value


def _zero(field: FieldType) -> Any:
    type_ = field.type
    if type_.pointer or field.kind in ("slice", "map", "bytes", "any"):
        return None
    if field.kind == "special":
        return "0" if type_.name == "resource.Quantity" else 0 if type_.name == "intstr.IntOrString" else None
    return {} if field.kind == "struct" else {"string": "", "bool": False, "int": 0}[field.kind]


def _encode(value: Any, type_: Type) -> Any:
    kind = type_.kind
    if kind == "struct":
        return encode(value, type_)
    if type_.item is not None:
        item = type_.item
        if kind == "slice":
            return [_encode(one, item) for one in value]
        # Go prints a map's keys sorted by their bytes
        return {key: _encode(value[key], item) for key in sorted(value)}
    if type_.name == "resource.Quantity":
        from .quantity import parse_quantity  # drags in fractions and decimal: late

        quantity = parse_quantity(value)
        return value if quantity is None else str(quantity)
    return value
