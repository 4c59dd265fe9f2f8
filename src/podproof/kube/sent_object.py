"""Reads the object that a request to create it sends, as the API server does, in its words.

A body comes in, a SentObject or a refusal goes out. What is looked at is content type, size, kind and API
version, and what decoding finds; defaults and validation come later.
Source: kubernetes 1.37.2, apiserver pkg/endpoints/handlers/{create,rest}.go, apimachinery
pkg/runtime/serializer/{json,versioning}; recorded answers.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ..manifest.json_of import TooLargeAsJson, json_of
from ..manifest.limits import MAX_BODY
from ..manifest.surrogates import to_utf8
from .conversion import find_conversion_problem
from .decode import Decoded, decode_type
from .field_error import FieldError
from .go_format import quote
from .plain_object import take_plain
from .served_kinds import SERVED_UNTIL, VERSIONS
from .status import Acceptance, bad_request, invalid, too_large, unsupported_media_type
from .types import Type, workload_type

__all__ = ["SentObject", "read_plain", "read_sent"]

_SCHEME = "pkg/runtime/scheme.go:111"
"""How the server calls its scheme when a kind is not registered there."""


class SentObject(msgspec.Struct):
    """An object that could be read: what was decoded, its type and kind, and the warnings until then."""

    decoded: Decoded
    type: Type
    gvk: "_Kind"
    warnings: list[str]


def read_plain(body: Mapping[str, Any], minor: int) -> SentObject | None:
    """Read what every server of 1.`minor` reads as it stands, without writing JSON of it; None: nobody knows.

    JSON is as long as its like, three times at most: that one has other blanks, and escapes.
    """
    kind, group_version = body.get("kind"), body.get("apiVersion")
    if body.__class__ is not dict or not isinstance(kind, str) or not isinstance(group_version, str):
        return None
    served = group_version == VERSIONS.get(kind) or minor <= SERVED_UNTIL.get(group_version, -1)
    type_ = workload_type(group_version, kind, minor) if served and kind in VERSIONS else None
    metadata = body.get("metadata")
    if type_ is None or not isinstance(metadata, dict) or "managedFields" in metadata:
        return None  # managed fields are not looked into: they may hold what JSON does not have
    plain = take_plain(body, type_)
    try:
        is_large = 3 * len(msgspec.json.encode(body)) > MAX_BODY
    except (UnicodeError, RecursionError):
        return None
    if isinstance(plain, str) or is_large or find_conversion_problem(kind, plain) is not None:
        return None
    group, _, version = group_version.rpartition("/")
    return SentObject(Decoded(plain, (), None), type_, _Kind(group, version, kind), [])


def read_sent(
    body: bytes | str | Mapping[str, Any],
    kind: str | None,
    content_type: str,
    minor: int,
    field_validation: str,
) -> Acceptance | SentObject:
    """Read a body, decode it and find out whether its kind may be sent."""
    from .request import UnreadableBody, read_body

    if kind is not None and kind not in VERSIONS:
        from ..errors import UsageError

        raise UsageError(f'kind "{kind}" is none that can be judged; pass one of {", ".join(VERSIONS)}')
    try:
        data = _as_bytes(body, MAX_BODY)
    except TooLargeAsJson:
        return too_large(MAX_BODY)
    if _media_type(content_type) is None:
        return unsupported_media_type()
    if len(data) > MAX_BODY:
        return too_large(MAX_BODY)
    if field_validation not in ("", "Ignore", "Strict", "Warn"):
        return _bad_directive(field_validation)
    try:
        read = read_body(data, yaml=_media_type(content_type) == "application/yaml")
    except UnreadableBody as error:
        message = f"the object provided is unrecognized (must be of type {kind or 'Pod'}): {error}"
        return bad_request(f"{message} ({_summary(data)})")
    asked = kind or (read.kind if read.kind in VERSIONS else "Pod")
    path_version = VERSIONS[asked]
    if kind is None and minor <= SERVED_UNTIL.get(read.group_version, -1):
        path_version = read.group_version
    gvk = _kind_of(read.kind, read.group, read.version, asked, path_version)
    cannot = f"{gvk.kind} in version {quote(gvk.version)} cannot be handled as a {asked}: "
    if not gvk.version:
        text = data.decode("utf-8", "replace")
        return bad_request(f"{cannot}Object 'apiVersion' is missing in '{text}'")
    type_ = workload_type(gvk.group_version, gvk.kind, minor)
    if type_ is None:
        return bad_request(cannot + _foreign(gvk.kind, gvk.group_version, asked))
    decoded = decode_type(read.value, type_)
    if decoded.fatal is not None:
        return bad_request(cannot + decoded.fatal.message)
    unconverted = find_conversion_problem(gvk.kind, decoded.object)
    if unconverted is not None:
        return bad_request(cannot + unconverted.message)
    if gvk.kind != asked:
        return bad_request(cannot + _unconvertible(gvk.kind, asked))
    strict = [] if read.strict_error is None else [read.strict_error]
    strict += [problem.message for problem in decoded.strict]
    if strict and field_validation == "Strict":
        return bad_request(f"{cannot}strict decoding error: {', '.join(strict)}")
    warnings = _strict_warnings(strict) if field_validation in ("", "Warn") else []
    if gvk.group_version != path_version:
        return bad_request(
            f"the API version in the data ({gvk.group_version}) does not match the expected API version "
            f"({path_version})",
            warnings,
        )
    return SentObject(decoded, type_, gvk, warnings)


class _Kind(msgspec.Struct, frozen=True):
    group: str
    version: str
    kind: str

    @property
    def group_version(self) -> str:
        """Write `apps/v1`, or `v1` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version


def _kind_of(kind: str, group: str, version: str, asked: str, path_version: str) -> _Kind:
    """Fill in what the body does not say from the path. Source: serializer/json gvkWithDefaults."""
    default_group, _, default_version = path_version.rpartition("/")
    if not version and not group:
        group, version = default_group, default_version
    if not version and group == default_group:
        version = default_version
    return _Kind(group, version, kind or asked)


def _foreign(kind: str, group_version: str, asked: str) -> str:
    """Say what the server says of a kind whose type is not in the tables."""
    from .tables.kinds import KNOWN

    if kind in KNOWN.get(group_version, ()):
        return _unconvertible(kind, asked)
    return f'no kind {quote(kind)} is registered for version {quote(group_version)} in scheme "{_SCHEME}"'


_PACKAGES = {"Job": "batch", "CronJob": "batch"} | dict.fromkeys(
    ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"), "apps"
)


def _unconvertible(kind: str, asked: str) -> str:
    return f"converting (v1.{kind}) to ({_PACKAGES.get(asked, 'core')}.{asked}): unknown conversion"


def _as_bytes(body: bytes | str | Mapping[str, Any], max_bytes: int) -> bytes:
    if isinstance(body, bytes):
        return body
    return to_utf8(body) if isinstance(body, str) else json_of(body, max_bytes)


def _media_type(content_type: str) -> str | None:
    """Read a Content-Type; none at all means JSON. Protobuf, which the server reads too, is not read here."""
    media = content_type.partition(";")[0].strip().lower() or "application/json"
    return media if media in ("application/json", "application/yaml") else None


def _bad_directive(directive: str) -> Acceptance:
    error = FieldError(
        "Unsupported value",
        ("fieldValidation",),
        directive,
        'supported values: "", "Ignore", "Strict", "Warn"',
    )
    return invalid("CreateOptions.meta.k8s.io", "", [error])


def _strict_warnings(errors: list[str]) -> list[str]:
    """Split the YAML decoder's list into its lines. Source: apiserver handlers/rest.go, parseYAMLWarnings."""
    out: list[str] = []
    for text in errors:
        for prefix in (
            "yaml: unmarshal errors:\n",
            "error converting YAML to JSON: yaml: unmarshal errors:\n",
        ):
            if text.startswith(prefix):
                out += [line.strip() for line in text.removeprefix(prefix).split("\n")]
                break
        else:
            out.append(text)
    return out


def _summary(data: bytes) -> str:
    """Show the beginning of a body. Source: apiserver handlers/rest.go, summarizeData."""
    if not data:
        return "<empty>"
    shown = data[:30].decode("utf-8", "replace") if data[:1] == b"{" else data[:30].hex()
    return f"{shown} ..." if len(data) > 30 else shown
