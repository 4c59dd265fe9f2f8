"""The answer to a request that creates an object: accepted with the object, or a Status that says why not.

Values only, with the texts and codes of the API server's Status objects. Nothing here decides.
Source: kubernetes 1.37.2, apimachinery pkg/api/errors/errors.go.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from .field_error import FieldError, aggregate_causes
from .go_format import quote


class Cause(dict[str, str]):
    """One cause as `details.causes` of a Status holds it, with its members as attributes too."""

    @property
    def reason(self) -> str:
        """The machine-readable reason, e.g. `FieldValueInvalid`."""
        return self["reason"]

    @property
    def message(self) -> str:
        """The message without the field."""
        return self["message"]

    @property
    def field(self) -> str:
        """The field as the API server prints it."""
        return self["field"]


class Acceptance(msgspec.Struct, frozen=True):
    """What the API server answers to a request that creates an object.

    `code` is the HTTP status: 201 when `accepted`. `reason` and `message` are those of the Status, None when
    accepted; `causes` those of its details. `warnings` are the texts of the Warning headers. `object` is
    decoded and defaulted, without what admission plugins and controllers add; None when refused.
    """

    accepted: bool
    code: int
    reason: str | None = None
    message: str | None = None
    causes: tuple[Cause, ...] = ()
    warnings: tuple[str, ...] = ()
    object: dict[str, Any] | None = None


_MOST = 4 * 1024
_MOST_OF_ONE = 256
"""Characters of all Warning headers, and of each where they are more. Source: filters/warning.go."""


def sent_warnings(texts: Iterable[str]) -> tuple[str, ...]:
    """Give the warnings that reach the client: none twice, none with a control character, shortened.

    Once all together are too long, each is cut, those before it too, until the limit is reached.
    Source: kubernetes 1.37.2 apiserver pkg/endpoints/filters/warning.go; apimachinery pkg/util/net/http.go.
    """
    unique = tuple(text for text in dict.fromkeys(texts) if text)
    written = 0
    for number, text in enumerate(unique):
        if _can_be_sent(text):
            written += len(text)
            if written > _MOST:
                return _cut(unique, number + 1)
    return tuple(filter(_can_be_sent, unique))


def _cut(texts: Sequence[str], together: int) -> tuple[str, ...]:
    """Cut each; the first so many are written `together`, whatever their length, the others one by one."""
    sent: list[str] = []
    written = 0
    for number, text in enumerate(texts):
        if number >= together and written >= _MOST:
            break
        short = text[:_MOST_OF_ONE]
        if _can_be_sent(short):
            sent.append(short)
            written += len(short)
    return tuple(sent)


def _can_be_sent(text: str) -> bool:
    return text.isprintable() or not any(map(_is_control, text))


def _is_control(char: str) -> bool:
    return char < " " or "\x7f" <= char <= "\x9f"


def created(value: dict[str, Any], warnings: Sequence[str]) -> Acceptance:
    """Make the answer that accepts."""
    return Acceptance(True, 201, warnings=sent_warnings(warnings), object=value)


def bad_request(message: str, warnings: Sequence[str] = ()) -> Acceptance:
    """Make the answer to what cannot be read."""
    return Acceptance(False, 400, "BadRequest", message, warnings=sent_warnings(warnings))


def invalid(
    qualified_kind: str, name: str, errors: Sequence[FieldError], warnings: Sequence[str] = ()
) -> Acceptance:
    """Make the answer to what validation refuses; `qualified_kind` is `Pod` or `Deployment.apps`."""
    causes = tuple(Cause(error.cause) for error in errors)
    message = f"{qualified_kind} {quote(name)} is invalid: {aggregate_causes(causes)}"
    return Acceptance(False, 422, "Invalid", message, causes, sent_warnings(warnings))


def unsupported_media_type() -> Acceptance:
    """Make the answer to a content type that the server does not read."""
    message = (
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json, application/yaml, application/vnd.kubernetes.protobuf"
    )
    return Acceptance(False, 415, "UnsupportedMediaType", message)


def too_large(limit: int) -> Acceptance:
    """Make the answer to a body of more than `limit` bytes."""
    message = f"Request entity too large: limit is {limit}"
    return Acceptance(False, 413, "RequestEntityTooLarge", message)
