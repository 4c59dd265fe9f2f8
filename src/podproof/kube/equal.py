"""Semantic equality of decoded objects: how the API server decides whether anything has changed.

Two plain objects of one type come in; absent and zero are the same where Go holds no pointer, empty lists and
maps are the same as none, and quantities are compared by their amount.
Source: apimachinery pkg/api/equality/semantic.go, third_party/forked/golang/reflect/deep_equal.go.
"""

from typing import Any

from .types import FieldType, Type

__all__ = ["semantically_equal"]


def semantically_equal(a: Any, b: Any, type_: Type) -> bool:
    """Compare two values of a type."""
    if a is b:
        return True
    kind = type_.kind
    if kind == "struct":
        a, b = a or {}, b or {}
        return all(_equal_field(a.get(name), b.get(name), field) for name, field in type_.fields.items())
    if type_.item is not None and kind in ("slice", "map"):
        a, b = a or (), b or ()
        if len(a) != len(b):
            return False
        if kind == "slice":
            return all(semantically_equal(one, other, type_.item) for one, other in zip(a, b, strict=True))
        return all(key in b and semantically_equal(a[key], b[key], type_.item) for key in a)
    if type_.name == "resource.Quantity":
        return bool(_amount(a) == _amount(b))
    return bool(a == b) or (_is_zero(a) and _is_zero(b))


def _equal_field(a: Any, b: Any, field: FieldType) -> bool:
    if a is b:
        return True
    if field.type.pointer:
        return a is not None and b is not None and _equal_pointed(a, b, field.type)
    return semantically_equal(a, b, field.type)


def _equal_pointed(a: Any, b: Any, type_: Type) -> bool:
    if type_.kind in ("string", "bool", "int"):
        return bool(a == b)
    return semantically_equal(a, b, type_)


def _is_zero(value: Any) -> bool:
    return value is None or value is False or value == 0 or value == ""


def _amount(value: Any) -> Any:
    from .quantity import parse_quantity  # drags in fractions and decimal: late

    if value is None:
        value = "0"
    quantity = parse_quantity(value)
    return value if quantity is None else quantity.value
