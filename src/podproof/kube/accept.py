"""Answers a request that creates a pod or a workload as the API server does, in its words.

A body comes in, an Acceptance goes out; `review` runs the same engine on a value that is already read, and
keeps routes instead of words. Decoding, defaulting and validation are other modules; admission plugins are
not played.
Source: kubernetes 1.37.2, apiserver pkg/endpoints/handlers/{create,rest}.go, apimachinery
pkg/runtime/serializer/{json,versioning}; recorded answers.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ..manifest.json_of import TooLargeAsJson, json_of
from ..manifest.limits import MAX_BODY
from ..manifest.surrogates import to_utf8
from ..steps import Steps, finish
from .conversion import find_conversion_problem
from .decode import Decoded, Problem, decode_type, type_of
from .defaults import apply_defaults, apply_defaults_of_storing
from .feature_gates import FeatureGates, lenient, read_feature_gates
from .field_error import FieldError
from .gated_fields import DroppedField, drop_gated
from .generated_name import generated_name
from .go_format import quote
from .new_pod import complete_new_pod
from .plain_object import take_plain
from .status import Acceptance, bad_request, created, invalid, too_large, unsupported_media_type
from .stored import is_stored, leave_out_creation_rules
from .tolerated import leave_out_tolerated
from .types import Type, workload_type
from .validation import validate
from .validation import warnings as warnings_of
from .version_skew import warnings_at
from .versions import parse_version

__all__ = [
    "SERVED_UNTIL",
    "VERSIONS",
    "Acceptance",
    "Review",
    "accept",
    "refuse_unreadable",
    "review",
    "review_steps",
]

_SCHEME = "pkg/runtime/scheme.go:111"
"""How the server calls its scheme when a kind is not registered there."""

VERSIONS = {
    "Pod": "v1",
    "PodTemplate": "v1",
    "ReplicationController": "v1",
    "Deployment": "apps/v1",
    "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
}

SERVED_UNTIL = {"extensions/v1beta1": 15, "apps/v1beta1": 15, "apps/v1beta2": 15, "batch/v1beta1": 24}
"""Old API versions, and the last minor version of Kubernetes that serves them."""


class Review(msgspec.Struct, frozen=True):
    """What the engine says about a value; routes count from its root.

    `problems` come from decoding, `errors` from validation, which runs only when the value could be decoded.
    `object` is decoded and defaulted, None when a value's type or its kind is wrong. `dropped` are the fields
    that are not in it since their feature gate is off.
    """

    problems: tuple[Problem, ...] = ()
    errors: tuple[FieldError, ...] = ()
    object: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    dropped: tuple[DroppedField, ...] = ()


def review(
    value: Mapping[str, Any],
    *,
    version: int,
    kind: str | None = None,
    gates: FeatureGates | None = None,
    judged: bool = True,
) -> Review:
    """Review a value as `review_steps` does, all steps at once."""
    return finish(review_steps(value, version=version, kind=kind, gates=gates, judged=judged))


def review_steps(
    value: Mapping[str, Any],
    *,
    version: int,
    kind: str | None = None,
    gates: FeatureGates | None = None,
    judged: bool = True,
) -> Steps[Review]:
    """Decode, default and validate a value as Kubernetes 1.`version` would, unknown fields notwithstanding.

    `gates` None: the version's own. `kind` (else the value's own) must be a pod or a workload; of another
    kind nothing is said. An object as a server stores it is not reviewed as a new one. Without `judged` it is
    decoded and defaulted only.
    """
    known = kind or value.get("kind")
    if not isinstance(known, str) or known not in VERSIONS:
        return Review()
    api_version = value.get("apiVersion")
    decoded = decode_type(
        value, type_of(known, version, api_version if isinstance(api_version, str) else None)
    )
    yield
    if decoded.fatal is not None:
        return Review(problems=decoded.problems)
    unconverted = find_conversion_problem(known, decoded.object)
    if unconverted is not None:
        return Review(problems=(*decoded.problems, unconverted))
    object_ = decoded.object
    _generate_name(object_)
    warnings = apply_defaults(known, object_, version)
    yield
    gates = gates or FeatureGates(version)
    stored = is_stored(object_)
    dropped = () if stored else drop_gated(known, object_, gates)
    if known == "Pod" and not stored:
        complete_new_pod(object_, gates)
    if not judged:
        return Review(decoded.problems, (), object_, dropped=dropped)
    of_rules = lenient(gates) if stored else gates
    errors = validate(known, object_, version=version, gates=of_rules, account_is_set=True)
    yield
    if stored:
        errors = leave_out_tolerated(leave_out_creation_rules(errors), errors)
    if not errors:
        warnings += warnings_of(known, object_)
        apply_defaults_of_storing(known, object_)
    warnings = warnings_at(dict.fromkeys(warnings), version)
    return Review(decoded.problems, tuple(errors), object_, tuple(warnings), dropped)


def _generate_name(object_: dict[str, Any]) -> None:
    """Name an object that only has a prefix; the server adds five random letters, x stands for them here.

    It does so before a Job's labels are made of its name.
    """
    metadata = object_.get("metadata")
    if metadata and metadata.get("generateName") and not metadata.get("name"):
        metadata["name"] = generated_name(metadata["generateName"])


def accept(
    body: bytes | str | Mapping[str, Any],
    *,
    kind: str | None = None,
    namespace: str = "default",
    content_type: str = "application/json",
    kubernetes_version: str = "latest",
    field_validation: str = "Strict",
    feature_gates: Mapping[str, bool] | None = None,
) -> Acceptance:
    """Answer a POST of the body as the API server would, without admission plugins.

    `kind` is the one that the request's path names; None: the body's own, or Pod. `field_validation` is the
    query's parameter, "" for none. `feature_gates` are the gates that the server was told to set.
    Raises UsageError: `kind` is not a pod or workload, `kubernetes_version` is not a version, or it does not
    let a gate be set so. ManifestError: a mapping holds what JSON cannot.

    >>> import podproof
    >>> answer = podproof.accept({"kind": "Pod", "metadata": {"name": "web"}, "spec": {"container": []}})
    >>> answer.accepted, answer.code, answer.reason
    (False, 400, 'BadRequest')
    >>> answer.message
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.container"'
    """
    minor = parse_version(kubernetes_version)
    gates = read_feature_gates(feature_gates or {}, minor, where="feature_gates")
    read = _read(body, kind, content_type, minor, field_validation)
    if isinstance(read, Acceptance):
        return read
    refused = _name(read, namespace)
    return _judge(read, gates) if refused is None else refused


def refuse_unreadable(body: Mapping[str, Any], namespace: str, minor: int) -> Acceptance | None:
    """Refuse as `accept` does what the API server of 1.`minor` cannot read; None: it can.

    What it then makes of the object is not asked, which is most of the work. Raises ManifestError.
    """
    read = _read_plain(body, minor) or _read(body, None, "application/json", minor, "Strict")
    return read if isinstance(read, Acceptance) else _name(read, namespace)


class _Read(msgspec.Struct):
    """An object that could be read: what was decoded, its type and kind, and the warnings until then."""

    decoded: Decoded
    type: Type
    gvk: "_Kind"
    warnings: list[str]


def _read_plain(body: Mapping[str, Any], minor: int) -> _Read | None:
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
    return _Read(Decoded(plain, (), None), type_, _Kind(group, version, kind), [])


def _read(
    body: bytes | str | Mapping[str, Any],
    kind: str | None,
    content_type: str,
    minor: int,
    field_validation: str,
) -> Acceptance | _Read:
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
    return _Read(decoded, type_, gvk, warnings)


def _name(read: _Read, namespace: str) -> Acceptance | None:
    """Default an object and give it its name and namespace; refuse one that is for another namespace."""
    object_ = read.decoded.object
    kind = read.gvk.kind
    object_["kind"], object_["apiVersion"] = kind, read.gvk.group_version
    metadata = object_.setdefault("metadata", {})
    metadata.pop("uid", None)  # a new object gets its own, whatever the body says
    _generate_name(object_)
    read.warnings += apply_defaults(kind, object_, read.type.minor)
    for name in _SYSTEM_FIELDS:
        metadata.pop(name, None)
    if metadata.get("namespace", namespace) not in ("", namespace):
        message = "the namespace of the provided object does not match the namespace sent on the request"
        return bad_request(message, read.warnings)
    metadata["namespace"] = namespace
    return None


def _judge(read: _Read, gates: FeatureGates) -> Acceptance:
    """Validate and write what was read and named."""
    object_, type_, gvk, warnings = read.decoded.object, read.type, read.gvk, read.warnings
    kind, metadata = gvk.kind, object_["metadata"]
    drop_gated(kind, object_, gates)
    if kind == "Pod":
        complete_new_pod(object_, gates)
    errors = validate(kind, object_, version=type_.minor, gates=gates)
    if errors:
        group = gvk.group_version.rpartition("/")[0]
        return invalid(f"{kind}.{group}" if group else kind, metadata.get("name") or "", errors, warnings)
    warnings += warnings_at(warnings_of(kind, object_), type_.minor)
    apply_defaults_of_storing(kind, object_)
    object_.pop("status", None)  # what a status says is not the creator's business
    from .encode import encode

    written = encode(object_, type_)
    written.pop("status", None)
    return created({"kind": kind, "apiVersion": gvk.group_version} | written, warnings)


_SYSTEM_FIELDS = (
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "managedFields",
)
"""What the server wipes on creation. Source: apiserver pkg/registry/rest/meta.go; its own uid comes later."""


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
