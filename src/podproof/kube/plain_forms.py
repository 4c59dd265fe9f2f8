"""The plain forms of values: msgspec's types for those that Go decodes without a second look.

A kind of the field tables comes in, a type for msgspec goes out. What the type takes, the API server decodes,
and keeps as it is written; of what it refuses nothing is known.
"""

from functools import cache
from typing import Annotated, Any

import msgspec

from .types import Type

__all__ = ["integer_bounds", "integer_of", "kept_form", "special_form"]

_QUANTITY = r"^[+-]?([0-9]{1,18}(\.[0-9]{0,9})?|\.[0-9]{1,9})([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,9})?\Z"
_TIME = (
    r"^[1-9][0-9]{3}-"
    r"((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z\Z"
)
"""A time in UTC, by the second, on a day that its month has in every year."""


@cache
def kept_form(name: str) -> Any:
    """Return the form of values of a special type that stay as they are; None: any of them does.

    Patterns are compiled when they are first asked for: most starts need none.
    """
    if name == "resource.Quantity":
        return Annotated[str, msgspec.Meta(pattern=_QUANTITY)]  # as a number, it does not stay one
    if name == "v1.Time":
        return Annotated[str, msgspec.Meta(pattern=_TIME)]
    if name == "intstr.IntOrString":
        return Annotated[int, msgspec.Meta(ge=-(1 << 31), le=(1 << 31) - 1)] | str
    return None


def special_form(type_: Type) -> Any:
    """Return the form of values that decode themselves; None: those of this type are kept as they are."""
    form = kept_form(type_.name) if type_.kind == "special" else None
    return form | int if type_.name == "resource.Quantity" else form


def integer_bounds(type_: Type) -> tuple[int, int]:
    """Return the least and the greatest integer of the size that a field has."""
    limit = 1 << type_.bits
    return -limit, limit - 1


def integer_of(type_: Type) -> Any:
    """Make the type of an integer of the size that a field has."""
    least, greatest = integer_bounds(type_)
    return Annotated[int, msgspec.Meta(ge=least, le=greatest)]
