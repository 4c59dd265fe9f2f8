"""One finding of API validation, in the API server's words.

The type of fault, the route and the offending value come in; `path: Type: value: detail` goes out, and the
cause that a 422 answer carries. Nothing here decides what is valid.
Source: kubernetes 1.37.2, apimachinery pkg/util/validation/field/errors.go.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from ..manifest.route import Route, format_route
from .feature_gates import FeatureGates
from .go_format import Printed, json_text, json_value, quote
from .versions import NEWEST

ErrorType = Literal[
    "Not found",
    "Required value",
    "Duplicate value",
    "Invalid value",
    "Unsupported value",
    "Forbidden",
    "Too long",
    "Too many",
    "Internal error",
]

_REASONS = {
    "Not found": "FieldValueNotFound",
    "Required value": "FieldValueRequired",
    "Duplicate value": "FieldValueDuplicate",
    "Invalid value": "FieldValueInvalid",
    "Unsupported value": "FieldValueNotSupported",
    "Forbidden": "FieldValueForbidden",
    "Too long": "FieldValueTooLong",
    "Too many": "FieldValueTooMany",
    "Internal error": "InternalError",
}
_WITHOUT_VALUE = frozenset({"Required value", "Forbidden", "Too long", "Internal error"})


class _Omitted(msgspec.Struct, frozen=True):
    """Stands for a value that is not told."""


_NEWEST_GATES = FeatureGates(NEWEST)

OMITTED = _Omitted()
"""The value of an error that prints none although its type prints one. Source: field.OmitValueType."""


class FieldError(msgspec.Struct, frozen=True):
    """Says which field is wrong and why.

    `route` is counted from the object's root and may name an absent field. `value` is printed unless the type
    prints none: strings quoted, numbers and booleans plainly, `Printed` as it is, `OMITTED` not at all, the
    rest as JSON. `field` replaces the printed path where the API server's differs from the route
    (`spec.HostPID`).
    """

    type: ErrorType
    route: Route
    value: Any = None
    detail: str = ""
    field: str | None = None

    @property
    def path(self) -> str:
        """The field as the API server prints it, e.g. `spec.containers[0].name`."""
        return format_route(self.route) if self.field is None else self.field

    @property
    def message(self) -> str:
        """The message without the path, as a cause carries it."""
        text: str = self.type
        if self.type not in _WITHOUT_VALUE and self.value is not OMITTED:
            text = f"{text}: {_print(self.value)}"
        return f"{text}: {self.detail}" if self.detail else text

    @property
    def text(self) -> str:
        """The whole message: path, type, value and detail."""
        return f"{self.path}: {self.message}"

    @property
    def reason(self) -> str:
        """The machine-readable reason of the cause, e.g. `FieldValueInvalid`."""
        return _REASONS[self.type]

    @property
    def cause(self) -> dict[str, str]:
        """The cause as `details.causes` of a 422 answer holds it."""
        return {"reason": self.reason, "message": self.message, "field": self.path}


def _print(value: Any) -> str:
    if isinstance(value, Printed):
        return value.text
    if isinstance(value, str):
        return quote(value)
    return json_text(value)


class Errors(list[FieldError]):
    """What is wrong, in the server's order; rules that a feature gate changes ask the server's `gates`."""

    __slots__ = ("gates",)

    def __init__(self, gates: FeatureGates = _NEWEST_GATES) -> None:
        super().__init__()
        self.gates = gates


def required(errors: Errors, route: Route, detail: str = "", *, field: str | None = None) -> None:
    """Add that a value is missing."""
    errors.append(FieldError("Required value", route, None, detail, field))


def invalid(errors: Errors, route: Route, value: Any, detail: str, *, field: str | None = None) -> None:
    """Add that a value is malformed."""
    errors.append(FieldError("Invalid value", route, value, detail, field))


def forbidden(errors: Errors, route: Route, detail: str, *, field: str | None = None) -> None:
    """Add that a value may not be set here."""
    errors.append(FieldError("Forbidden", route, None, detail, field))


def duplicate(errors: Errors, route: Route, value: Any) -> None:
    """Add that a value occurs twice where it must be unique."""
    errors.append(FieldError("Duplicate value", route, value))


def not_found(errors: Errors, route: Route, value: Any, detail: str = "") -> None:
    """Add that what a value names does not exist."""
    errors.append(FieldError("Not found", route, value, detail))


def not_supported(
    errors: Errors, route: Route, value: Any, supported: Sequence[str], *, field: str | None = None
) -> None:
    """Add that a value is none of an enumeration; a string is printed as JSON, as Go's named types are."""
    detail = "supported values: " + ", ".join(quote(item) for item in supported)
    shown = json_value(value) if isinstance(value, str) else value
    errors.append(FieldError("Unsupported value", route, shown, detail, field))


def too_long(errors: Errors, route: Route, limit: int) -> None:
    """Add that a value has more than `limit` bytes."""
    unit = "byte" if limit == 1 else "bytes"
    errors.append(FieldError("Too long", route, None, f"may not be more than {limit} {unit}"))


def too_many(errors: Errors, route: Route, count: int, limit: int) -> None:
    """Add that a list has more than `limit` items."""
    unit = "item" if limit == 1 else "items"
    errors.append(FieldError("Too many", route, count, f"must have at most {limit} {unit}"))


def keyed(route: Route, key: str) -> str:
    """Print a path that ends in a map's key, which always stands in brackets: `limits[cpu]`."""
    return f"{format_route(route)}[{key}]"


def aggregate(errors: Iterable[FieldError]) -> str:
    """Join messages as the API server does: one alone, several in brackets, repeats dropped, order kept."""
    return _joined(error.text for error in errors)


def aggregate_causes(causes: Iterable[Mapping[str, str]]) -> str:
    """Join the messages of causes as `aggregate` does those of errors."""
    return _joined(f"{cause['field']}: {cause['message']}" for cause in causes)


def _joined(messages: Iterable[str]) -> str:
    texts = list(dict.fromkeys(messages))
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
