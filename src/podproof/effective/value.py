"""What every effective value is made of: the value (or why it is unknown) and who set it.

Data only: nothing here knows Kubernetes' rules.
"""

from typing import Generic, Literal, TypeVar

import msgspec

from ..manifest.route import Route, format_route

__all__ = ["Field", "Origin", "OriginKind", "Unknown", "known"]

T = TypeVar("T")

OriginKind = Literal["container", "pod", "image", "kubernetes", "runtime", "policy"]


class Unknown(msgspec.Struct, frozen=True, gc=False, rename={"reason": "unknown"}):
    """Stands where a value cannot be decided, and says what is missing; it is never a guess in disguise.

    As JSON it is `{"unknown": REASON}`.
    """

    reason: str


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Who set a value.

    `kind` is the level that decided; `route` names the field in the Pod object (empty where no field did);
    `file` and `line` (1-based) are filled by whoever knows the text, else None; `text` is for people.
    """

    kind: OriginKind
    route: Route = ()
    text: str = ""
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        """Write the origin in one line: the text, then the field."""
        where = format_route(self.route)
        if self.text and where:
            return f"{self.text} ({where})"
        return self.text or where or self.kind


class Field(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """One effective value and its origin; the value is an Unknown where it cannot be decided."""

    value: T | Unknown
    origin: Origin


def known(value: T | Unknown) -> T | None:
    """Give the value, or None where it is unknown (a T that may itself be None needs isinstance instead)."""
    return None if isinstance(value, Unknown) else value
